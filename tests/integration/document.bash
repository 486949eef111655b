# SPDX-License-Identifier: Apache-2.0
# Documents as their readers type them, with nothing but what `make install` put below /usr/local: in a mount
# namespace of its own, /usr/local is that, and /run and the platform's folder are empty.
#
#	```sh        is typed                 ```text   each line of it is in the output of the block before
#	```c FILE    is saved as FILE

bats_require_minimum_version 1.5.0

install_for_readers() {
	[ "$(id -u)" = 0 ] || skip 'only root makes containers'
	export top=$BATS_TEST_DIRNAME/../.. dest=$BATS_FILE_TMPDIR/dest
	make -C "$top" --no-print-directory O="$O" install DESTDIR="$dest" prefix=/usr/local >/dev/null
}

# Run the words in that namespace, in the folder.
installed() {	# FOLDER WORD...
	local folder=$1
	shift
	# shellcheck disable=SC2016 # the inner shell's words
	unshare -m --propagation private bash -c 'mount --bind "$1/usr/local" /usr/local && mount -t tmpfs tmpfs /run &&
		cd "$2" && state=$3 && shift 3 && exec env -i HOME=/root TERM=dumb LC_ALL=C.UTF-8 SWSGX_STATE="$state" \
		PATH=/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin "$@"' _ "$dest" "$folder" "$BATS_TEST_TMPDIR/platform" "$@" 3>&-
}

# The document as a script: what is expected is compared as it goes.
script() {	# FILE.md
	awk '
	function quote(s) { gsub(/\047/, "\047\\\047\047", s); return "\047" s "\047" }
	/^```/ && !inside { inside = 1; kind = substr($1, 4); name = $2; text = ""; next }
	/^```$/ && inside {
		inside = 0
		if (kind == "sh") printf "step %d <<\047END-OF-STEP\047\n%sEND-OF-STEP\n", NR, text
		else if (kind == "text") printf "%s", text
		else if (name != "") printf "mkdir -p $(dirname %s)\ncat >%s <<\047END-OF-FILE\047\n%sEND-OF-FILE\n", name, name, text
		next
	}
	inside && kind == "text" { text = text "expect " quote($0) "\n"; next }
	inside { text = text $0 "\n" }' "$1"
}

# Type all of it in an empty folder; containers and services that are left at its end are ended.
type_document() {	# FILE.md FOLDER
	mkdir "$2"
	cat >"$BATS_TEST_TMPDIR/run" <<-'END'
		out=$(mktemp)
		step() {	# LINE, commands on stdin; what they change of the shell stays
			cat >"$out.step"
			echo "== before line $1"
			set -e -o pipefail
			. "$out.step" >"$out" 2>&1
			set +e +o pipefail
			cat "$out"
		}
		expect() { grep -Fq -- "$1" "$out" || { echo "not there: $1"; exit 1; }; }
		end() {
			[ "$1" = 0 ] || cat "$out"
			for c in $(rune list -q); do rune delete --force "$c"; done
			kill $(jobs -p) 2>/dev/null
			wait
			rm -f "$out" "$out.step"
		}
		trap 'end $?' EXIT
	END
	script "$1" >>"$BATS_TEST_TMPDIR/run"
	grep -q '^step' "$BATS_TEST_TMPDIR/run"
	run installed "$2" bash "$BATS_TEST_TMPDIR/run"
	echo "$output"
	[ "$status" = 0 ]
}
