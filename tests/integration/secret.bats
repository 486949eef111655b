# SPDX-License-Identifier: Apache-2.0
# examples/secret, built from what is installed: the key server gives its secret to one enclave and to nobody
# between the two, and the enclave keeps it.

bats_require_minimum_version 1.5.0
load files
load stack

build_example() {	# FOLDER
	env -u MAKEFLAGS make -C "$1" -j2 O=build SKELETON_MK="$dest/usr/local/share/skeleton/runtime.mk" >"$1.log" 2>&1 || { cat "$1.log"; return 1; }
}

measured() {	# FOLDER
	sgx-tools measure "$1/encl.elf" | awk '{ print $2 }'
}

setup_file() {
	[ "$(id -u)" = 0 ] || skip 'only root makes containers'
	export top=$BATS_TEST_DIRNAME/../.. dest=$BATS_FILE_TMPDIR/dest example=$BATS_FILE_TMPDIR/example
	export other=$BATS_FILE_TMPDIR/other SWSGX_STATE=$BATS_FILE_TMPDIR/state PATH="$O/bin:$PATH"
	unset SWSGX_DRIVER SWSGX_LAUNCH LD_PRELOAD
	make -C "$top" --no-print-directory O="$O" install DESTDIR="$dest" prefix=/usr/local >/dev/null
	cp -r "$dest/usr/local/share/skeleton/examples/secret" "$example"
	build_example "$example"
	# One word of its program is another: another enclave, built for the same server.
	cp -a "$example" "$other"
	sed -i 's/unsealed from/opened from/' "$other/enclave/app.c"
	build_example "$other"
	MRENCLAVE=$(measured "$example")
	export MRENCLAVE
	aesmd_start
	swsgx collateral "$BATS_FILE_TMPDIR/collateral"
}

teardown_file() {
	[ ! -e "$BATS_FILE_TMPDIR/aesmd-pid" ] || aesmd_stop
	nothing_left
}

setup() {
	cd "$BATS_TEST_TMPDIR"
	id=$(container_id)
	server= relay=
	mkdir data
	head -c 32 /dev/urandom >secret
	policy=(--collateral "$BATS_FILE_TMPDIR/collateral" --root "$BATS_FILE_TMPDIR/collateral/root_ca.pem" --allow-debug)
}

teardown() {
	stop_server
	[ -z "$relay" ] || { kill "$relay" 2>/dev/null; wait "$relay" || true; }
	rune delete --force "$id" >/dev/null 2>&1 || true
}

start_server() {	# [OPTION-OF-VERIFY-QUOTE]...: with $key, else the one that the enclave knows
	"$example/key-server" --listen data/server --key "${key-$example/server.key}" --secret secret \
		--mrenclave "$MRENCLAVE" -- "$@" >log 2>&1 3>&- &
	server=$!
	for _ in $(seq 100); do
		grep -q 'serving at' log && return
		sleep 0.1
	done
	cat log
	return 1
}

stop_server() {
	[ -n "$server" ] || return 0
	kill "$server"
	wait "$server" || true
	server=
	rm data/server
}

start_relay() {	# WORD...
	"$BATS_TEST_DIRNAME/key-relay" "$@" >relay.log 2>&1 3>&- &
	relay=$!
	for _ in $(seq 100); do
		grep -q listening relay.log && return
		sleep 0.1
	done
	cat relay.log
	return 1
}

bundle_of() {	# FOLDER WORD...: the example's enclave, built there
	local folder=$1
	shift
	make_bundle bundle "$folder/liberpal-secret.so" debug secret "$@"
	cp "$folder/encl.bin" "$folder/encl.ss" bundle/rootfs/run/rune
	bundle_mount bundle "$PWD/data" /data
	bundle_mount bundle "$BATS_FILE_TMPDIR/aesmd" /var/run/aesmd
}

program() {	# STATUS WORD...: run it; what it said is in $output
	local want=$1
	shift
	bundle_of "${folder-$example}" "$@"
	run rune run --bundle bundle "$id" </dev/null
	echo "$output"
	[ "$status" = "$want" ]
}

mac() {	# MESSAGE: by the server's secret
	printf %s "$1" | openssl dgst -sha256 -mac HMAC -macopt "hexkey:$(od -An -v -tx1 secret | tr -d ' \n')" | awk '{ print $NF }'
}

# The secret has come to data/sealed.
sealed() {
	start_server "${policy[@]}"
	program 0 /data/server /data/sealed hello
	stop_server
}

@test "the example builds without a warning, and its enclave has nothing that an enclave must not have" {
	never grep -i warning "$example.log"
	objdump -d --no-show-raw-insn "$example/encl.elf" >code
	never grep -wE 'syscall|sysenter|int|in|out' code
	[ -z "$(nm -u "$example/encl.elf")" ]
	readelf -lW "$example/encl.elf" | grep LOAD >segments
	never grep -w RWE segments
	[ "$(measured "$other")" != "$MRENCLAVE" ]
}

@test "the first start gets the secret by attestation, the second unseals it without a server" {
	start_server "${policy[@]}"
	program 0 /data/server /data/sealed hello
	grep -qx 'secret: received from /data/server' <<<"$output"
	grep -qx 'secret: sealed into /data/sealed' <<<"$output"
	grep -qx "$(mac hello)" <<<"$output"
	grep -qx "key-server: the secret was given to $MRENCLAVE" log
	stop_server
	program 0 /data/server /data/sealed 'another message'
	grep -qx 'secret: unsealed from /data/sealed' <<<"$output"
	grep -qx "$(mac 'another message')" <<<"$output"
	# It is not there to be read.
	[ "$(stat -c %a data/sealed)" = 600 ]
	python3 -c 'import sys; sys.exit(open("secret", "rb").read() in open("data/sealed", "rb").read())'
}

@test "two starts seal the same secret under two keys" {
	sealed
	mv data/sealed first
	sealed
	never cmp -s first data/sealed
	[ "$(tail -c +73 first | od -An -tx1)" != "$(tail -c +73 data/sealed | od -An -tx1)" ]
}

@test "another enclave gets no secret from the server, and cannot unseal it" {
	sealed
	folder=$other
	program 1 /data/server /data/sealed hello
	[[ $output == *'secret: /data/sealed: not sealed by this enclave on this machine, or changed since (-22)'* ]]
	rm data/sealed
	start_server "${policy[@]}"
	program 1 /data/server /data/sealed hello
	[[ $output == *'secret: /data/server: the server gives no secret to this enclave (-13)'* ]]
	grep -q 'because .*MRENCLAVE' log
	grep -q '^key-server: refused: the quote ' log
	[ ! -e data/sealed ]
}

@test "another machine cannot unseal it" {
	sealed
	bundle_of "$example" /data/server /data/sealed hello
	SWSGX_STATE=$BATS_TEST_TMPDIR/state run rune run --bundle bundle "$id" </dev/null
	echo "$output"
	[ "$status" = 1 ]
	[[ $output == *'not sealed by this enclave on this machine'* ]]
}

@test "a sealed file in which anything was changed is refused, and no server is asked for another" {
	sealed
	size=$(stat -c %s data/sealed)
	[ "$size" = $((32 + 88)) ]
	cp data/sealed good
	# Magic, KEYID, CPUSVN, ISVSVN, zeros, size, text, tag.
	for at in 0 8 40 56 60 64 72 $((size - 1)); do
		cp good data/sealed
		flip data/sealed "$at"
		program 1 /data/server /data/sealed hello
		[[ $output == *'/data/sealed: not sealed by this enclave on this machine, or changed since'* ]]
	done
	head -c $((size - 1)) good >data/sealed
	program 1 /data/server /data/sealed hello
	cat good good >data/sealed
	program 1 /data/server /data/sealed hello
	: >data/sealed
	program 1 /data/server /data/sealed hello
	cat good >data/sealed
	program 0 /data/server /data/sealed hello
}

@test "a request that is sent again, or with another public key, is refused" {
	start_server "${policy[@]}"
	start_relay record data/relay data/server request
	program 0 /data/relay /data/sealed hello
	wait "$relay"
	relay=
	run "$BATS_TEST_DIRNAME/key-relay" replay data/server request
	[ "$output" = refused ]
	run "$BATS_TEST_DIRNAME/key-relay" replay data/server request "$(printf '%064x' 9)"
	[ "$output" = refused ]
	[ "$(grep -c '^key-server: refused: the quote ' log)" = 2 ]
	# The hostile host was between the two in the good exchange as well, and has learned nothing from it.
	rm data/sealed
	program 0 /data/server /data/sealed hello
}

@test "the host cannot have a key of its own attested as the enclave's" {
	start_server "${policy[@]}"
	bundle_of "$example" /data/server /data/sealed hello
	rune create --bundle bundle "$id" </dev/null >/dev/null 2>&1 3>&-
	run rune attest --quote-type ecdsa --report-data 01 --reportFile quote "$id"
	echo "$output"
	[ "$status" = 1 ]
	[ "$output" = 'rune: attest: pal_get_local_report: Operation not permitted' ]
	[ ! -e quote ]
	rune attest --quote-type ecdsa --reportFile quote "$id"
	{
		head -c 32 /dev/urandom
		printf "$(printf '\\x%02x' $(($(stat -c %s quote) & 255)) $(($(stat -c %s quote) >> 8)))"
		head -c 6 /dev/zero
		cat quote
	} >request
	run "$BATS_TEST_DIRNAME/key-relay" replay data/server request
	[ "$output" = refused ]
	grep -q 'report data' log
}

@test "an answer of another server's, or one made up, is refused by the enclave" {
	openssl genpkey -algorithm X25519 -out other.key
	key=other.key start_server "${policy[@]}"
	program 1 /data/server /data/sealed hello
	[[ $output == *'secret: /data/server: the server gives no secret to this enclave (-22)'* ]]
	grep -q 'the secret was given to' log
	stop_server
	printf 'secret 1%032d' 0 >hello
	# Random; no key at all (a point of small order); a size beyond the end.
	{ head -c 32 /dev/urandom; printf '\x20\0\0\0\0\0\0\0'; head -c 272 /dev/urandom; } >reply.1
	{ head -c 32 /dev/zero; printf '\x20\0\0\0\0\0\0\0'; head -c 272 /dev/zero; } >reply.2
	{ head -c 32 /dev/urandom; printf '\xff\xff\xff\xff\xff\xff\xff\xff'; head -c 272 /dev/zero; } >reply.3
	for reply in reply.?; do
		rm -f data/relay
		start_relay answer data/relay hello "$reply"
		program 1 /data/relay /data/sealed hello
		[[ $output == *'(-22)'* ]]
		wait "$relay"
		relay=
	done
	[ ! -e data/sealed ]
}

@test "what verify-quote does not accept gets no secret" {
	start_server --collateral "$BATS_FILE_TMPDIR/collateral" --root "$BATS_FILE_TMPDIR/collateral/root_ca.pem"
	program 1 /data/server /data/sealed hello
	stop_server
	grep -q debug log
	start_server --collateral "$BATS_FILE_TMPDIR/collateral" --allow-debug
	program 1 /data/server /data/sealed hello
	stop_server
	swsgx collateral --tcb-status OutOfDate old
	start_server --collateral old --root old/root_ca.pem --allow-debug
	program 1 /data/server /data/sealed hello
	grep -q OutOfDate log
	stop_server
	start_server --collateral nowhere --root old/root_ca.pem
	program 1 /data/server /data/sealed hello
	[ ! -e data/sealed ]
}

@test "a client that says nothing sensible is refused, and the next one is served" {
	start_server "${policy[@]}"
	printf x >short
	{ head -c 32 /dev/zero; head -c 8 /dev/zero | tr '\0' '\377'; } >huge
	{ head -c 32 /dev/zero; printf '\x04\0\0\0\0\0\0\0quot'; } >nonsense
	python3 - <<-'END'
		import socket
		for name in "short", "huge", "nonsense":
		    s = socket.socket(socket.AF_UNIX)
		    s.connect("data/server")
		    s.sendall(open(name, "rb").read())
		    s.shutdown(socket.SHUT_WR)
		    while True:
		        if len(s.recv(4096)) == 0:
		            break
		    s.close()
	END
	program 0 /data/server /data/sealed hello
	[ "$(grep -c '^key-server: refused' log)" = 3 ]
	[ "$(grep -c '^key-server: the secret was given' log)" = 1 ]
}

@test "without aesmd, a server or a way to write, the reason is said and nothing is left" {
	program 1 /data/server /data/sealed hello
	[[ $output == *'/data/server: No such file or directory'* ]]
	program 1 127.0.0.1:1 /data/sealed hello
	[[ $output == *'127.0.0.1:1: Connection refused'* ]]
	program 1 nothing /data/sealed hello
	[[ $output == *'nothing: neither a socket'* ]]
	program 2 /data/server /data/sealed
	[[ $output == *'usage: secret SERVER FILE MESSAGE'* ]]
	start_server "${policy[@]}"
	program 1 /data/server /nowhere/sealed hello
	[[ $output == *'secret: /nowhere/sealed: cannot be written'* ]]
	[ "$(ls data)" = server ]
}

@test "a program that waits for its server can be killed" {
	start_relay silent data/relay
	bundle_of "$example" /data/relay /data/sealed hello
	rune run --bundle bundle "$id" >said 2>&1 3>&- </dev/null &
	waiting=$!
	for _ in $(seq 100); do
		grep -q connected relay.log && break
		sleep 0.1
	done
	rune kill "$id" TERM
	status=0
	wait "$waiting" || status=$?
	cat said
	# Not by itself, when the server's time is over: that would be 1.
	[ "$status" = 143 ]
}

@test "key-server refuses wrong options with one line" {
	head -c 257 /dev/zero >long
	: >empty
	refused() {	# SAID WORD...
		local said=$1
		shift
		run "$example/key-server" "$@"
		echo "$output"
		[ "$status" = 1 ]
		[[ $output == *"key-server: $said" ]]
	}
	refused 'an option is missing: see --help' --listen data/x
	refused '--mrenclave 12: not 64 hexadecimal digits' --listen data/x --key k --secret s --mrenclave 12
	given=(--listen data/x --mrenclave "$MRENCLAVE")
	refused 'k: No such file or directory' "${given[@]}" --key k --secret s
	refused 'secret: not a private X25519 key' "${given[@]}" --key secret --secret s
	for f in long empty; do
		refused "$f: not a secret of 1 to 256 bytes" "${given[@]}" --key "$example/server.key" --secret $f
	done
	refused 'x: neither a socket'\''s path nor HOST:PORT' --listen x --mrenclave "$MRENCLAVE" --key "$example/server.key" --secret secret
	refused 'with these options verify-quote accepts anything' --listen data/x --mrenclave "$MRENCLAVE" --key "$example/server.key" \
		--secret secret -- "${policy[@]}" --help
	[ -z "$(ls data)" ]
}

@test "options for verify-quote cannot say which enclave or which request it is" {
	start_server "${policy[@]}" --mrenclave "$(measured "$other")"
	folder=$other
	program 1 /data/server /data/sealed hello
	stop_server
	start_server "${policy[@]}" --report-data 00
	folder=$example
	program 0 /data/server /data/sealed hello
}
