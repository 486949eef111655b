# SPDX-License-Identifier: Apache-2.0
# The pages of docs/engines: their commands run, and say what the pages say they do.

load stack
load engines

setup() {
	cd "$BATS_TEST_TMPDIR"
	export SWSGX_STATE=$BATS_FILE_TMPDIR/state
	enclave_files .
	sed -n '/^```dockerfile$/,/^```$/p' "$deploy/../README.md" | grep -v '^```' >Dockerfile
}

teardown() {
	case $BATS_TEST_DESCRIPTION in
	*docker) docker_stop ;;
	*podman) podman_teardown ;;
	*containerd | *kubernetes) containerd_stop ;;
	esac
}

blocks() {	# LANGUAGE PAGE
	awk -v start="^\`\`\`$1\$" '/^```$/ { on = 0 } on { print } $0 ~ start { on = 1 }' "$2"
}

# Every ```sh block of a page, as one script with the test's paths; then every line of its ```text blocks
# has to be among what was said, where ... stands for anything.
runs_page() {	# PAGE
	local page=$deploy/../docs/engines/$1.md line pattern said
	blocks sh "$page" | sed -e "s|/usr/local/bin/rune|$O/bin/rune|g" -e "s|/usr/local/lib/|$O/lib/|g" \
		-e "s|/etc/containerd/|$BATS_FILE_TMPDIR/containerd/|g" \
		-e "s|--runc-binary|--runc-root $BATS_FILE_TMPDIR/containerd/runc --runc-binary|" \
		-e "s|/run/docker/|$BATS_FILE_TMPDIR/docker/exec/|g" >script
	[ -s script ]
	# Services that the page starts and a failure leaves.
	sed -i "1i trap 'kill \$(jobs -p) 2>/dev/null || true; wait' EXIT" script
	PATH=$O/bin:$PATH bash -e script >said 2>&1 3>&- </dev/null || { cat said; false; }
	cat said
	while IFS= read -r line; do
		pattern=$(sed 's/[][*?\\]/\\&/g; s/\.\.\./*/g' <<<"$line")
		while IFS= read -r said; do
			# shellcheck disable=SC2053 # a pattern
			[[ $said == $pattern ]] && continue 2
		done <said
		fail "$1.md says, and the commands do not: $line"
	done < <(blocks text "$page")
}

@test "the commands of docs/engines do what it says: docker" {
	docker_start
	runs_page docker
	[ -z "$(docker ps -aq)" ]
}

@test "the commands of docs/engines do what it says: podman" {
	podman_setup
	runs_page podman
	[ -z "$(podman ps -aq)" ]
}

@test "the commands of docs/engines do what it says: containerd" {
	containerd_start
	image_archive docker.io/test/skeleton:1 "$(enclave_files root/enclave && echo root)" \
		'{"Cmd": ["skeleton"], "WorkingDir": "/enclave"}' >skeleton.tar
	runs_page containerd
	[ -z "$(ctr container ls -q)" ]
}

@test "the commands of docs/engines do what it says: kubernetes" {
	containerd_start
	runs_page kubernetes
}

@test "a page that promises what does not happen is found out" {
	mkdir -p fake/deploy fake/docs/engines
	printf '```sh\necho one two\n```\n\n```text\none ...\nthree\n```\n' >fake/docs/engines/fake.md
	deploy=$PWD/fake/deploy
	run runs_page fake
	echo "$output"
	[ "$status" != 0 ]
	[[ $output == *'fake.md says, and the commands do not: three'* ]]
}
