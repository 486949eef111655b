# SPDX-License-Identifier: Apache-2.0
# Many enclave containers at once.

load stack
load engines

# Four workers, each with a bundle of its own; the Nth container ends with N's exit code.
@test "of 100 enclave containers, four at a time, none fails and nothing is left" {
	export bundles=$BATS_TEST_TMPDIR
	for w in 0 1 2 3; do
		make_bundle "$bundles/$w" "$(pal 2)" debug skeleton exit 0
	done
	one_worker() {	# WORKER
		local n code
		for n in $(seq "$1" 4 99); do
			code=0
			jq --arg n "$n" '.process.args[2] = $n' "$bundles/$1/config.json" >"$bundles/$1/new"
			mv "$bundles/$1/new" "$bundles/$1/config.json"
			rune run --bundle "$bundles/$1" "many-$$-$n" || code=$?
			[ "$code" = "$n" ] || echo "container $n: exit code $code"
		done
	}
	for w in 0 1 2 3; do
		one_worker "$w" >"$bundles/said-$w" 2>"$bundles/err-$w" </dev/null 3>&- &
	done
	wait
	cat "$bundles"/said-*
	[ -z "$(cat "$bundles"/said-*)" ]
	[ "$(sort -u "$bundles"/err-* | grep -vc 'is simulated')" = 0 ]
	nothing_left
	no_trace_of "many-$$-" "$(rune_root)"
	[ -z "$(find "$bundles" -name '.config.json*')" ]
}
