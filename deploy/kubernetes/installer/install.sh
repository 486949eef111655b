#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Install what is in /usr/local on a node and make rune a runtime handler of its containerd:
# install.sh NODE-ROOT.  A second run changes nothing.  A running rune keeps its file: files are replaced
# by renaming, never written over.
set -eu

host=$1
here=$(dirname "$0")
prefix=${PREFIX-/usr/local}
config=$host/etc/containerd/config.toml

[ -f "$config" ] || {
	echo "install: $config: no such file; \`containerd config default\` makes one" >&2
	exit 1
}

cd "$prefix"
find . -type d | while read -r d; do
	mkdir -p "$host/usr/local/$d"
done
find . ! -type d | while read -r f; do
	cmp -s "$f" "$host/usr/local/$f" && continue
	cp -a "$f" "$host/usr/local/$f.new"
	mv -f "$host/usr/local/$f.new" "$host/usr/local/$f"
done

grep -q 'containerd\.runtimes\.rune\]' "$config" && exit 0

# The tables without the version line, and runc's only where it is missing; version 3 of the file calls the
# plugin by another name.
plugin=io.containerd.grpc.v1.cri
grep -Eq '^version *= *3' "$config" && plugin=io.containerd.cri.v1.runtime
runc=''
grep -q 'containerd\.runtimes\.runc\]' "$config" && runc='/runtimes\.runc\]$/,/^$/d'
cp -p "$config" "$config.new"
sed -e '/^#/d' -e '/^version/d' -e "$runc" -e "s/io\.containerd\.grpc\.v1\.cri/$plugin/" "$here/rune.toml" >>"$config.new"
mv -f "$config.new" "$config"
# systemctl takes a container with the node's root for a chroot, and would do nothing.
SYSTEMD_IGNORE_CHROOT=1 chroot "$host" systemctl restart containerd
