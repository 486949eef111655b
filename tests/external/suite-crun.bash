# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2034,SC2154 # the variables are scripts/judges'
# crun's own tests, in Python.  crun refuses cgroups of version 1; on a machine that has both versions the tests see a
# /sys/fs/cgroup of version 2, in a mount namespace of their own.

suite_runtime=crun

# The program that all of their containers run; of its configure script's answers it needs but one.
suite_prepare() {
	unpack_source crun "$(version_of crun)" crun || return 1
	[ ! -x "$cache/crun/tests/init" ] || return 0
	mkdir -p "$cache/crun/answers"
	echo '#define HAVE_SECCOMP 1' >"$cache/crun/answers/config.h"
	gcc -O1 -w -static -D_GNU_SOURCE -I"$cache/crun/answers" -o "$cache/crun/tests/init" "$cache/crun/tests/init.c"
}

suite_files() { (cd "$cache/crun/tests" && printf '%s\n' test_*.py); }

# Some of the tests need a terminal, which script gives them; some call tests/init by that name.
run_python() {	# RUNTIME FILE
	local view=true
	! is_hybrid || view='mount -t cgroup2 none /sys/fs/cgroup'
	mkdir -p "$work/crun"
	ln -sfn "$cache/crun/tests" "$work/crun/tests"
	(
		cd "$work/crun" || return
		OCI_RUNTIME=$1 INIT=$work/crun/tests/init TMPDIR=$work timeout -k 10 "$limit" unshare --mount \
			sh -c "$view && exec script -qec '/usr/bin/python3 -B tests/$2 2>$work/complaints' /dev/null" </dev/null |
			tr -d '\r'
	)
	cat "$work/complaints"
	# A creation that fails for want of a controller leaves the container's cgroup.
	find /sys/fs/cgroup -depth -type d -path '*/test-tmp*' -exec rmdir {} + 2>/dev/null || true
}

suite_run_alone() { run_python "$(type -P crun)" "$1"; }

suite_run_rune() {
	printf '#!/bin/sh\nexec "%s" --oci-runtime "%s" "$@"\n' "$O/bin/rune" "$(type -P crun)" >"$work/bin/rune"
	chmod +x "$work/bin/rune"
	run_python "$work/bin/rune" "$1"
}
