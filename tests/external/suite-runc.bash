# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2034,SC2154 # the variables are scripts/judges'
# runc's own tests, in bats.  Its images come from the internet; here busybox-static and files of this machine take
# their place, under the names that its get-images.sh looks for before it downloads.

suite_runtime=runc
tests=$cache/runc/tests/integration

# rune's spec makes the template of an enclave container, by contract; the suite's bundles are ordinary ones.
suite_write_rune() {
	cat >"$work/bin/rune" <<-EOF
		#!/bin/sh
		for word; do
			[ "\$word" != spec ] || exec "$(type -P runc)" "\$@"
		done
		exec "$O/bin/rune" --oci-runtime "$(type -P runc)" "\$@"
	EOF
	chmod +x "$work/bin/rune"
}

busybox_image() {	# ROOT
	local name
	mkdir -p "$1"/{bin,dev,etc,home,lib,root,tmp,usr/bin,usr/sbin,var/spool/mail,var/www}
	chmod 1777 "$1/tmp"
	cp "$(type -P busybox)" "$1/bin/busybox"
	for name in $("$1/bin/busybox" --list); do
		[ -e "$1/bin/$name" ] || ln -s busybox "$1/bin/$name"
	done
	printf '%s\n' root:x:0:0:root:/root:/bin/sh daemon:x:1:1:daemon:/usr/sbin:/bin/false \
		bin:x:2:2:bin:/bin:/bin/false nobody:x:65534:65534:nobody:/home:/bin/false >"$1/etc/passwd"
	printf '%s\n' root:x:0: daemon:x:1: bin:x:2: nobody:x:65534: >"$1/etc/group"
}

# The tests in it want ldconfig, a shell and grep that are linked dynamically.
debian_image() {	# ROOT
	local file
	busybox_image "$1"
	rm -f "$1/bin/grep" "$1/bin/sh"
	mkdir -p "$1/sbin" "$1/var/cache/ldconfig"
	cp /sbin/ldconfig "$1/sbin/"
	cp /bin/grep "$1/bin/"
	cp "$(readlink -f /bin/sh)" "$1/bin/sh"
	cp -a /etc/ld.so.conf /etc/ld.so.conf.d "$1/etc/"
	for file in $(ldd /bin/grep /bin/sh | grep -o '/[^ ]*\.so[^ ]*' | sort -u); do
		mkdir -p "$1${file%/*}"
		cp -L "$file" "$1$file"
	done
}

make_image() {	# busybox|debian
	local root image=$tests/testdata/$1-amd64.tar.xz
	[ ! -e "$image" ] || return 0
	root=$(mktemp -d)
	"$1_image" "$root"
	chmod 755 "$root"
	tar -C "$root" -cJf "$image.part" .
	rm -rf "$root"
	mv "$image.part" "$image"
}

# recvtty takes terminals' descriptors, seccompagent a filter's.  The third helper speaks to systemd, which no test here
# is told to use.
suite_prepare() {
	local name project=$cache/go/src/github.com/opencontainers
	unpack_source runc "$(version_of runc)" runc || return 1
	mkdir -p "$project"
	ln -sfn "$cache/runc" "$project/runc"
	for name in recvtty seccompagent; do
		[ ! -x "$cache/runc/contrib/cmd/$name/$name" ] || continue
		(
			cd "$project/runc/contrib/cmd/$name" || return
			GO111MODULE=off GOFLAGS=-buildvcs=false GOCACHE=$cache/go/cache GOPATH=$cache/go:/usr/share/gocode \
				go build -tags seccomp -o "$name" .
		)
	done
	make_image busybox
	make_image debian
}

suite_files() { (cd "$tests" && printf '%s\n' *.bats); }

# Many of the tests need a terminal, which script gives them.
run_bats() {	# RUNTIME FILE
	RUNC=$1 TMPDIR=$work timeout -k 10 "$limit" script -qec "bats -t '$tests/$2' >'$work/bats' 2>&1" /dev/null \
		</dev/null >/dev/null || true
	cat "$work/bats"
	# What a test that fails leaves would make others fail.
	find /sys/fs/cgroup -depth -type d -path '*/runc-cgroups-integration-test*' -exec rmdir {} + 2>/dev/null || true
}

suite_run_alone() { run_bats "$(type -P runc)" "$1"; }

suite_run_rune() {
	suite_write_rune
	run_bats "$work/bin/rune" "$1"
}
