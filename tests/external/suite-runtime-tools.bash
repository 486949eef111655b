# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2034,SC2154 # the variables are scripts/judges'
# The OCI's own validation of runtimes.  Debian's source package has no vendored modules, and one that all of the tests
# need, mndrix/tap-go, is in no package: so this suite wants a checkout of opencontainers/runtime-tools.

suite_runtime=runc
suite_is_listed=no	# which checkout it is, is not known
suite_missing='RUNTIME_TOOLS names no checkout of opencontainers/runtime-tools, which Debian cannot build'
validation=$cache/runtime-tools/validation

suite_prepare() {
	local name project=$cache/go/src/github.com/opencontainers
	if [ ! -d "$validation" ]; then
		[ -f "${RUNTIME_TOOLS-}/rootfs-amd64.tar.gz" ] || return 1
		mkdir -p "$cache/runtime-tools"
		cp -r "$RUNTIME_TOOLS"/. "$cache/runtime-tools/"
	fi
	mkdir -p "$project"
	ln -sfn "$cache/runtime-tools" "$project/runtime-tools"
	export GO111MODULE=off GOFLAGS=-buildvcs=false GOCACHE=$cache/go/cache GOPATH=$cache/go
	(
		cd "$project/runtime-tools" || return
		[ -x runtimetest ] || go build -tags 'netgo osusergo' -ldflags '-extldflags -static' -o runtimetest ./cmd/runtimetest
		for name in $(suite_files); do
			[ -x "validation/$name/$name.t" ] || go build -o "validation/$name/$name.t" "./validation/$name"
		done
	)
}

suite_files() { (cd "$validation" && for name in *; do [ "$name" = util ] || echo "$name"; done); }

# All of its containers have names of their own, but in the runtime's own folder.
run_validation() {	# FILE COMMAND...
	printf '#!/bin/sh\nexec %s --root "%s" "$@"\n' "${*:2}" "$work/root" >"$work/bin/runtime"
	chmod +x "$work/bin/runtime"
	(
		cd "$cache/runtime-tools" || return
		RUNTIME=$work/bin/runtime TMPDIR=$work timeout -k 10 "$limit" "validation/$1/$1.t" </dev/null
	)
}

suite_run_alone() { run_validation "$1" "$(type -P runc)"; }

suite_run_rune() { run_validation "$1" "$O/bin/rune" --oci-runtime "$(type -P runc)"; }
