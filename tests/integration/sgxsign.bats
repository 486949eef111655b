#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# sgxsign and sgx-tools as a user meets them: every option's effect, every refusal, signing in two steps
# with openssl as the other signer, and openssl as the judge of what was signed.

bats_require_minimum_version 1.5.0
load files

setup_file() {
	export PATH="${O:-$PWD/build}/bin:$PATH"
	export SOURCE_DATE_EPOCH=1709164800 # 2024-02-29
	openssl genrsa -3 -out "$BATS_FILE_TMPDIR/key.pem" 3072 2>/dev/null
	openssl rsa -in "$BATS_FILE_TMPDIR/key.pem" -pubout -out "$BATS_FILE_TMPDIR/key.pub" 2>/dev/null
	make_image >"$BATS_FILE_TMPDIR/encl.bin"
}

setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
	ln -s "$BATS_FILE_TMPDIR/key.pem" "$BATS_FILE_TMPDIR/key.pub" "$BATS_FILE_TMPDIR/encl.bin" .
	mkdir out
}

# ---- an enclave image: layout, TCS, text, data, two pages of zeros; 64 KiB, SSA frames of 1 page ----

le() { # BYTES NUMBER...: each little-endian
	local bytes=$1 n i
	shift
	for n; do
		for ((i = 0; i < bytes; i++)); do
			printf '%b' "\\x$(printf %02x $((n >> 8 * i & 255)))"
		done
	done
}

page() { # stdin, filled up with zeros
	{ cat; head -c 4096 /dev/zero; } | head -c 4096
}

segment() { # OFFSET SIZE FILE_OFFSET SECINFO FLAGS
	le 8 "$1" "$2" "$3" "$4"
	le 4 "$5" 0
}

make_image() { # [SSAFRAMESIZE [ATTRIBUTES]]
	{
		printf SKLENCL1
		le 8 0x10000 0x4000 # SIZE, file size
		le 4 "${1-1}" 1     # SSAFRAMESIZE, MISCSELECT
		le 8 "${2-4}" 3     # ATTRIBUTES, XFRM
		le 4 5 0
		le 8 0 0
		segment 0x0000 0x1000 0x0000 0x201 0
		segment 0x1000 0x1000 0x1000 0x100 0
		segment 0x2000 0x1000 0x2000 0x205 0
		segment 0x4000 0x1000 0x3000 0x203 0
		segment 0x6000 0x2000 0 0x203 1
	} | page
	{
		le 8 0 0 0x6000 # STATE, FLAGS, OSSA
		le 4 0 2        # CSSA, NSSA
		le 8 0x2000 0 0 0x4000
	} | page
	printf 'text' | page
	printf 'data' | page
}

# ---- what a SIGSTRUCT holds ----

u32() { od -An -v -tu4 -j "$2" -N 4 "$1" | tr -d ' '; } # FILE OFFSET
x32() { od -An -v -tx4 -j "$2" -N 4 "$1" | tr -d ' '; }
x64() { od -An -v -tx8 -j "$2" -N 8 "$1" | tr -d ' ' | sed 's/^0*\(.\)/\1/'; }
bytes() { od -An -v -tx1 -j "$2" -N "$3" "$1" | tr -d ' \n'; } # FILE OFFSET SIZE

attributes() { x64 "$1" 928; }
attributemask() { x64 "$1" 944; }
xfrm() { x64 "$1" 936; }
xfrmmask() { x64 "$1" 952; }
mrenclave() { bytes "$1" 960 32; }

expect() { # FOUND EXPECTED
	[ "$1" = "$2" ] || {
		echo "found '$1', expected '$2'"
		return 1
	}
}

ones=ffffffffffffffff

# The command fails with just this line on stderr, says nothing on stdout and leaves nothing in out/.
refused() { # LINE COMMAND...
	local line=$1 status=0
	shift
	"$@" >stdout 2>stderr || status=$?
	expect "$(cat stderr)" "$line"
	expect "$(wc -l <stderr)" 1
	expect "$status" 1
	[ ! -s stdout ]
	expect "$(ls -A out)" ""
}

# ---- signing ----

@test "the SIGSTRUCT is 1808 bytes with the SDM's fixed fields" {
	sgxsign key.pem encl.bin out/encl.ss
	expect "$(stat -c %s out/encl.ss)" 1808
	expect "$(bytes out/encl.ss 0 16)" 06000000e10000000000010000000000
	expect "$(bytes out/encl.ss 16 4)" 00000000
	expect "$(bytes out/encl.ss 24 16)" 01010000600000006000000001000000
	expect "$(u32 out/encl.ss 512)" 3
	expect "$(u32 out/encl.ss 900)" 1
	expect "$(x32 out/encl.ss 904)" ffffffff
}

@test "MRENCLAVE and MRSIGNER are printed, and are those of the SIGSTRUCT" {
	run --separate-stderr sgxsign key.pem encl.bin out/encl.ss
	expect "$status" 0
	expect "$stderr" ""
	mrsigner=$(tail -c +129 out/encl.ss | head -c 384 | sha256sum | cut -d ' ' -f 1)
	expect "$output" "MRENCLAVE $(mrenclave out/encl.ss)
MRSIGNER  $mrsigner"
}

# ECREATE, EADD and EEXTEND as the SDM writes them, by hand and through sha256sum.
measure_by_hand() { # IMAGE
	local page offset chunk
	printf 'ECREATE\0'
	le 4 1
	le 8 0x10000
	head -c 44 /dev/zero
	for page in 0:0x201:0 1:0x100:1 2:0x205:2 4:0x203:3 6:0x203:z 7:0x203:z; do
		IFS=: read -r offset flags from <<<"$page"
		offset=$((offset * 4096))
		printf 'EADD\0\0\0\0'
		le 8 "$offset" "$flags"
		head -c 40 /dev/zero
		for ((chunk = 0; chunk < 4096; chunk += 256)); do
			printf 'EEXTEND\0'
			le 8 $((offset + chunk))
			head -c 48 /dev/zero
			if [ "$from" = z ]; then
				head -c 256 /dev/zero
			else
				tail -c +$((from * 4096 + chunk + 1)) "$1" | head -c 256
			fi
		done
	done
}

@test "MRENCLAVE is the SHA-256 of the SDM's records" {
	sgxsign key.pem encl.bin out/encl.ss
	expect "$(measure_by_hand encl.bin | sha256sum | cut -d ' ' -f 1)" "$(mrenclave out/encl.ss)"
}

@test "openssl verifies the signature of the 256 signed bytes" {
	sgxsign key.pem encl.bin out/encl.ss out/encl.tbs
	expect "$(stat -c %s out/encl.tbs)" 256
	cmp out/encl.tbs <(head -c 128 out/encl.ss; tail -c +901 out/encl.ss | head -c 128)
	tail -c +517 out/encl.ss | head -c 384 | od -An -v -tx1 -w1 | tac | tr -d ' \n' |
		sed 's/../\\x&/g' | xargs -0 printf >signature
	openssl dgst -sha256 -verify key.pub -signature signature out/encl.tbs
}

@test "two runs make one file, and only DATE depends on the clock" {
	sgxsign key.pem encl.bin out/a
	sgxsign key.pem encl.bin out/b
	cmp out/a out/b
	expect "$(x32 out/a 20)" 20240229
	SOURCE_DATE_EPOCH=1735603200 sgxsign key.pem encl.bin out/c
	expect "$(x32 out/c 20)" 20241231
	expect "$(mrenclave out/a)" "$(mrenclave out/c)"
	before=$(date -u +%Y%m%d)
	env -u SOURCE_DATE_EPOCH sgxsign key.pem encl.bin out/d
	[ "$(x32 out/d 20)" = "$before" ] || [ "$(x32 out/d 20)" = "$(date -u +%Y%m%d)" ]
}

@test "nothing is left beside the outputs, and their mode follows the umask" {
	(umask 027 && sgxsign key.pem encl.bin out/encl.ss out/encl.tbs)
	expect "$(ls -A out)" "encl.ss
encl.tbs"
	expect "$(stat -c %a out/encl.ss)" 640
}

@test "an output that is a symbolic link is written through, and keeps its mode" {
	: >out/real
	chmod 604 out/real
	ln -s real out/link
	sgxsign key.pem encl.bin out/link
	[ -L out/link ]
	expect "$(stat -c '%s %a' out/real)" "1808 604"
}

# Never one of /dev: run by root, a bug here would replace it.
@test "an output may be a pipe, named or a link to one" {
	mkfifo out/pipe
	cat out/pipe >through &
	sgxsign key.pem encl.bin out/encl.ss out/pipe
	wait $!
	[ -p out/pipe ]
	expect "$(stat -c %s through)" 256
	rm out/encl.ss
	ln -s /proc/self/fd/2 out/stderr
	expect "$(sgxsign key.pem encl.bin out/stderr 2>&1 >/dev/null | wc -c)" 1808
	[ -L out/stderr ]
	expect "$(ls -A out)" "pipe
stderr"
}

@test "a symbolic link to nothing is no output" {
	ln -s none link
	refused "sgxsign: link: a symbolic link to nothing" sgxsign key.pem encl.bin link
	[ -L link ]
}

# ---- options ----

@test "by default debug is on and required" {
	sgxsign key.pem encl.bin out/encl.ss
	expect "$(attributes out/encl.ss) $(attributemask out/encl.ss)" "6 6"
}

@test "-D, --debug-enclave: debug is on and required" {
	for option in -D --debug-enclave; do
		sgxsign $option key.pem encl.bin out/encl.ss
		expect "$(attributes out/encl.ss) $(attributemask out/encl.ss)" "6 6"
	done
	sgxsign -D -a 16 -A 2 key.pem encl.bin out/encl.ss
	expect "$(attributes out/encl.ss) $(attributemask out/encl.ss)" "16 2"
}

@test "-N, --no-debugger, -p, --product: debug is off and forbidden" {
	for option in -N --no-debugger -p --product; do
		sgxsign $option key.pem encl.bin out/encl.ss
		expect "$(attributes out/encl.ss) $(attributemask out/encl.ss)" "4 6"
	done
	sgx-tools show out/encl.ss | grep -q '^  debug  *forbidden$'
}

@test "-a, --attrs: these attributes, in hexadecimal, and they may not differ" {
	for value in 14 0x14 0X14; do
		sgxsign -a $value key.pem encl.bin out/encl.ss
		expect "$(attributes out/encl.ss) $(attributemask out/encl.ss)" "14 14"
	done
	sgxsign --attrs=86 key.pem encl.bin out/encl.ss
	expect "$(attributes out/encl.ss) $(attributemask out/encl.ss)" "86 86"
	sgxsign -N -a 84 key.pem encl.bin out/encl.ss
	expect "$(attributes out/encl.ss) $(attributemask out/encl.ss)" "84 86"
}

@test "-A, --attrs-mask: these attributes may not differ" {
	sgxsign -A $ones key.pem encl.bin out/encl.ss
	expect "$(attributes out/encl.ss) $(attributemask out/encl.ss)" "6 $ones"
	sgxsign --attrs-mask 0x4 key.pem encl.bin out/encl.ss
	expect "$(attributes out/encl.ss) $(attributemask out/encl.ss)" "6 4"
	sgx-tools show out/encl.ss | grep -q '^  debug  *allowed$'
}

@test "the attributes that the image needs are signed" {
	make_image 1 0x84 >kss.bin
	sgxsign -N key.pem kss.bin out/encl.ss
	expect "$(attributes out/encl.ss) $(attributemask out/encl.ss)" "84 86"
	rm -r out/*
	refused "sgxsign: -a 0x4: the image needs 0x80 as well" \
		sgxsign -a 4 key.pem kss.bin out/encl.ss
}

@test "XFRM is the image's and may not differ; -x and -X, --xfrm and --xfrm-mask change that" {
	sgxsign key.pem encl.bin out/encl.ss
	expect "$(xfrm out/encl.ss) $(xfrmmask out/encl.ss)" "3 $ones"
	sgxsign -x e7 key.pem encl.bin out/encl.ss
	expect "$(xfrm out/encl.ss) $(xfrmmask out/encl.ss)" "e7 $ones"
	sgxsign -X 1b key.pem encl.bin out/encl.ss
	expect "$(xfrm out/encl.ss) $(xfrmmask out/encl.ss)" "3 1b"
	sgxsign --xfrm 0x7 --xfrm-mask=0x3 key.pem encl.bin out/encl.ss
	expect "$(xfrm out/encl.ss) $(xfrmmask out/encl.ss)" "7 3"
}

@test "XFRM must fit the image's SSA frames" {
	refused "sgxsign: XFRM 0x602e7 needs SSA frames of 3 pages, the image has 1" \
		sgxsign -x 602e7 key.pem encl.bin out/encl.ss
	make_image 3 >amx.bin
	sgxsign -x 602e7 key.pem amx.bin out/encl.ss
	expect "$(xfrm out/encl.ss)" 602e7
}

@test "-s, --mmap-size: a larger enclave, a power of 2, is measured and told to the loader" {
	sgxsign key.pem encl.bin out/plain
	expect "$(u32 out/plain 40)" 0
	for size in 0x100000 1048576 1000000; do
		sgxsign -s $size key.pem encl.bin out/encl.ss
		expect "$(x32 out/encl.ss 40)" 00000014
		[ "$(mrenclave out/encl.ss)" != "$(mrenclave out/plain)" ]
	done
	cp out/encl.ss out/other
	sgxsign --mmap-size=0x200000 key.pem encl.bin out/encl.ss
	[ "$(mrenclave out/encl.ss)" != "$(mrenclave out/other)" ]
	sgxsign -s 0x10000 key.pem encl.bin out/encl.ss
	expect "$(mrenclave out/encl.ss)" "$(mrenclave out/plain)"
}

@test "-n, --null-dereference-protection: the image sits 64 KiB above the enclave's start" {
	sgxsign key.pem encl.bin out/plain
	for option in -n --null-dereference-protection --null_dereference_protection; do
		sgxsign $option key.pem encl.bin out/encl.ss
		expect "$(x32 out/encl.ss 40)" 00001000
	done
	[ "$(mrenclave out/encl.ss)" != "$(mrenclave out/plain)" ]
	sgx-tools show out/encl.ss | grep 'SWDEFINED.*image offset 0x10000'
}

@test "-m, --mmap-min-addr: -n's address, in hexadecimal, rounded up to a page" {
	for option in "-m 20000" "-m 0x1f001" "--mmap-min-addr=0x20000" "--mmap_min_addr 20000"; do
		# shellcheck disable=SC2086 # option and value
		sgxsign -n $option key.pem encl.bin out/encl.ss
		expect "$(x32 out/encl.ss 40)" 00002000
	done
	sgxsign -n -m 0 key.pem encl.bin out/encl.ss
	expect "$(x32 out/encl.ss 40)" 00100000
	sgxsign -n -m 10000 -s 0x100000 key.pem encl.bin out/encl.ss
	expect "$(x32 out/encl.ss 40)" 00001015
}

@test "-m without -n changes nothing" {
	sgxsign key.pem encl.bin out/plain
	sgxsign -m 20000 key.pem encl.bin out/encl.ss
	cmp out/plain out/encl.ss
}

@test "options may follow operands, and -- ends them" {
	sgxsign key.pem encl.bin out/encl.ss -N
	expect "$(attributes out/encl.ss)" 4
	sgxsign -N -- key.pem encl.bin out/encl.ss
	expect "$(attributes out/encl.ss)" 4
}

# ---- signing in two steps ----

@test "what is signed elsewhere joins to the file that is signed here" {
	sgxsign -N key.pem encl.bin out/here
	run --separate-stderr sgxsign -N --tbs-only encl.bin out/encl.tbs
	expect "$status" 0
	expect "$output" "MRENCLAVE $(mrenclave out/here)"
	openssl dgst -sha256 -sign key.pem -out signature out/encl.tbs
	run --separate-stderr sgxsign --join out/encl.tbs signature key.pub out/joined
	expect "$status" 0
	expect "${lines[0]}" "MRENCLAVE $(mrenclave out/here)"
	[[ ${lines[1]} =~ ^MRSIGNER\ \ [0-9a-f]{64}$ ]]
	cmp out/here out/joined
}

@test "the key of a join may be a certificate" {
	openssl req -x509 -new -key key.pem -subj /CN=signer -days 1 -out key.crt
	sgxsign --tbs-only encl.bin out/encl.tbs
	openssl dgst -sha256 -sign key.pem -out signature out/encl.tbs
	sgxsign --join out/encl.tbs signature key.crt out/encl.ss
	sgxsign key.pem encl.bin out/here
	cmp out/here out/encl.ss
}

@test "a signature of other bytes or by another key does not join" {
	sgxsign --tbs-only encl.bin encl.tbs
	sgxsign -N --tbs-only encl.bin other.tbs
	openssl dgst -sha256 -sign key.pem -out signature other.tbs
	refused "sgxsign: signature: the signature does not verify with this key" \
		sgxsign --join encl.tbs signature key.pub out/encl.ss
	openssl genrsa -3 -out other.pem 3072 2>/dev/null
	openssl dgst -sha256 -sign other.pem -out signature encl.tbs
	refused "sgxsign: signature: the signature does not verify with this key" \
		sgxsign --join encl.tbs signature key.pub out/encl.ss
}

@test "bytes that are no SIGSTRUCT do not join though their signature verifies" {
	head -c 256 /dev/zero >zero.tbs
	openssl dgst -sha256 -sign key.pem -out signature zero.tbs
	refused "sgxsign: zero.tbs: not a SIGSTRUCT: its HEADER is another" \
		sgxsign --join zero.tbs signature key.pub out/encl.ss
}

@test "files of another size do not join" {
	sgxsign --tbs-only encl.bin encl.tbs
	openssl dgst -sha256 -sign key.pem -out signature encl.tbs
	head -c 383 signature >short
	cat encl.tbs encl.tbs >long
	refused "sgxsign: short: not an RSA-3072 signature, of 384 bytes" \
		sgxsign --join encl.tbs short key.pub out/encl.ss
	refused "sgxsign: long: not the signed part of a SIGSTRUCT, of 256 bytes" \
		sgxsign --join long signature key.pub out/encl.ss
}

@test "--join and --tbs-only take only what belongs to them" {
	refused "sgxsign: --join takes no other option: TBS says everything" \
		sgxsign --join -N a b c out/d
	refused "sgxsign: --tbs-only and --join exclude each other" \
		sgxsign --join --tbs-only a b c out/d
	refused "sgxsign: 3 operands, not BIN TBS; --help says more" \
		sgxsign --tbs-only key.pem encl.bin out/d
	refused "sgxsign: 3 operands, not TBS SIGNATURE KEY SS; --help says more" \
		sgxsign --join key.pem encl.bin out/d
}

# ---- refusals ----

@test "a key that is not RSA-3072 with exponent 3 is refused" {
	openssl genrsa -3 -out small.pem 2048 2>/dev/null
	refused "sgxsign: small.pem: an RSA key of 2048 bits, SGX takes only 3072" \
		sgxsign small.pem encl.bin out/encl.ss out/encl.tbs
	openssl genrsa -out f4.pem 3072 2>/dev/null
	refused "sgxsign: f4.pem: an RSA key whose exponent is not 3, SGX takes only 3" \
		sgxsign f4.pem encl.bin out/encl.ss
	openssl ecparam -name prime256v1 -genkey -noout -out ec.pem
	refused "sgxsign: ec.pem: not an RSA key" sgxsign ec.pem encl.bin out/encl.ss
	refused "sgxsign: key.pub: no private key in PEM" sgxsign key.pub encl.bin out/encl.ss
	refused "sgxsign: encl.bin: no private key in PEM" sgxsign encl.bin encl.bin out/encl.ss
	openssl rsa -aes128 -passout pass:secret -in key.pem -out locked.pem 2>/dev/null
	refused "sgxsign: locked.pem: the key is encrypted" sgxsign locked.pem encl.bin out/encl.ss
}

@test "an image that is not one is refused" {
	head -c 16383 encl.bin >odd.bin
	refused "sgxsign: odd.bin: 16383 bytes, not a multiple of 4096" \
		sgxsign key.pem odd.bin out/encl.ss
	: >empty.bin
	refused "sgxsign: empty.bin: 0 bytes, not a multiple of 4096" \
		sgxsign key.pem empty.bin out/encl.ss
	head -c 12288 encl.bin >short.bin
	refused "sgxsign: short.bin: cut short: 12288 bytes of 16384" \
		sgxsign key.pem short.bin out/encl.ss
	head -c 4096 /dev/zero >zero.bin
	refused "sgxsign: zero.bin: not an enclave image: no layout page" \
		sgxsign key.pem zero.bin out/encl.ss
}

@test "a missing or unreadable input is named" {
	refused "sgxsign: open none.pem: No such file or directory" \
		sgxsign none.pem encl.bin out/encl.ss
	refused "sgxsign: open none.bin: No such file or directory" \
		sgxsign key.pem none.bin out/encl.ss
	refused "sgxsign: out: is a directory" sgxsign key.pem out out/encl.ss
}

@test "an unknown option is named" {
	refused "sgxsign: -q: unknown option" sgxsign -q key.pem encl.bin out/encl.ss
	refused "sgxsign: -q: unknown option" sgxsign -Nq key.pem encl.bin out/encl.ss
	refused "sgxsign: --quiet: unknown option" sgxsign --quiet key.pem encl.bin out/encl.ss
	refused "sgxsign: --mmap: several options begin so" sgxsign --mmap=1 key.pem encl.bin out/encl.ss
	refused "sgxsign: --product=1: takes no value" sgxsign --product=1 key.pem encl.bin out/encl.ss
}

@test "an option without its value is named" {
	for option in -s -a -A -x -X -m --mmap-size --attrs --attrs-mask --xfrm --xfrm-mask --mmap-min-addr; do
		refused "sgxsign: $option: wants a value" sgxsign key.pem encl.bin out/encl.ss $option
	done
}

@test "a number with anything after it is refused" {
	for value in 0x10000zz 65536k "65536 " "" -1 +1 1.5 0x; do
		refused "sgxsign: -s $value: not a number" sgxsign -s "$value" key.pem encl.bin out/encl.ss
	done
	for option in -a -A -x -X -m; do
		for value in 6g 0x6h "6 " "" -6 0x 0x0x6; do
			refused "sgxsign: $option $value: not a hexadecimal number" \
				sgxsign $option "$value" key.pem encl.bin out/encl.ss
		done
	done
}

@test "a number that is too large is refused" {
	refused "sgxsign: -s 99999999999999999999: too large" \
		sgxsign -s 99999999999999999999 key.pem encl.bin out/encl.ss
	refused "sgxsign: -a 1${ones}: too large" sgxsign -a 1$ones key.pem encl.bin out/encl.ss
	refused "sgxsign: -s 18446744073709551615: too large" \
		sgxsign -s 18446744073709551615 key.pem encl.bin out/encl.ss
	refused "sgxsign: -m 0x$ones: too large" sgxsign -n -m $ones key.pem encl.bin out/encl.ss
	refused "sgxsign: an offset of 0x1000000000 is not a multiple of 4096 below 64 GiB" \
		sgxsign -n -m 1000000000 key.pem encl.bin out/encl.ss
}

@test "an enclave too small for the image is refused" {
	refused "sgxsign: -s 32767: the image needs 32768 bytes" \
		sgxsign -s 32767 key.pem encl.bin out/encl.ss
	refused "sgxsign: -s 0: the image needs 32768 bytes" sgxsign -s 0 key.pem encl.bin out/encl.ss
}

@test "options that contradict each other or the processor are refused" {
	refused "sgxsign: -N and -D exclude each other" sgxsign -N -D key.pem encl.bin out/encl.ss
	refused "sgxsign: -N and -D exclude each other" sgxsign -p -D key.pem encl.bin out/encl.ss
	refused "sgxsign: -a 0x6: DEBUG contradicts -N" sgxsign -N -a 6 key.pem encl.bin out/encl.ss
	refused "sgxsign: -a 0x4: no DEBUG contradicts -D" sgxsign -D -a 4 key.pem encl.bin out/encl.ss
	refused "sgxsign: -A 0x4: -N needs DEBUG (0x2) in the mask" \
		sgxsign -N -A 4 key.pem encl.bin out/encl.ss
	refused "sgxsign: -A 0x4: -D needs DEBUG (0x2) in the mask" \
		sgxsign -D -A 4 key.pem encl.bin out/encl.ss
	refused "sgxsign: -a 0x2: the image needs 0x4 as well" \
		sgxsign -a 2 key.pem encl.bin out/encl.ss
	refused "sgxsign: -a 0xf: bits 0x9 are no attributes" \
		sgxsign -a f key.pem encl.bin out/encl.ss
	refused "sgxsign: -x 0x5: x87 and SSE (0x3) are always there" \
		sgxsign -x 5 key.pem encl.bin out/encl.ss
	refused "sgxsign: -X 0x1: x87 and SSE (0x3) cannot differ" \
		sgxsign -X 1 key.pem encl.bin out/encl.ss
	refused "sgxsign: XFRM 0x103, MISCSELECT 0x1: a bit is not known" \
		sgxsign -x 103 key.pem encl.bin out/encl.ss
}

@test "too few or too many operands are refused" {
	refused "sgxsign: 0 operands, not KEY BIN SS [TBS]; --help says more" sgxsign
	refused "sgxsign: 2 operands, not KEY BIN SS [TBS]; --help says more" sgxsign key.pem encl.bin
	refused "sgxsign: 5 operands, not KEY BIN SS [TBS]; --help says more" \
		sgxsign key.pem encl.bin out/a out/b out/c
}

@test "SOURCE_DATE_EPOCH that is no time is refused" {
	SOURCE_DATE_EPOCH=yesterday refused \
		"sgxsign: SOURCE_DATE_EPOCH is 'yesterday', not a number of seconds" \
		sgxsign key.pem encl.bin out/encl.ss
	SOURCE_DATE_EPOCH=9223372036854775807 refused "sgxsign: the date is after the year 9999" \
		sgxsign key.pem encl.bin out/encl.ss
}

# ---- outputs: all or none ----

untracked() { # the leak sanitizer, where the build has it, does not work under strace
	ASAN_OPTIONS=${ASAN_OPTIONS-}:detect_leaks=0 "$@"
}

@test "an output that cannot be made leaves the other one unmade" {
	refused "sgxsign: create none/encl.tbs: No such file or directory" \
		sgxsign key.pem encl.bin out/encl.ss none/encl.tbs
	refused "sgxsign: create none/encl.ss: No such file or directory" \
		sgxsign key.pem encl.bin none/encl.ss out/encl.tbs
	mkdir folder
	refused "sgxsign: folder: is a directory" sgxsign key.pem encl.bin out/encl.ss folder
}

@test "an output that cannot be made leaves the old files as they were" {
	echo old >encl.ss
	run -1 --separate-stderr sgxsign key.pem encl.bin encl.ss none/encl.tbs
	run -1 --separate-stderr sgxsign key.pem none.bin encl.ss
	run -1 --separate-stderr sgxsign -q key.pem encl.bin encl.ss
	expect "$(cat encl.ss)" old
	expect "$(echo encl.*)" "encl.bin encl.ss"
}

@test "when the second output cannot be put in place the first is put back" {
	echo old >encl.ss
	run -1 untracked strace -f -qq -o trace -e inject=rename,renameat:error=EPERM:when=1 \
		sgxsign key.pem encl.bin encl.ss out/encl.tbs
	expect "$output" "sgxsign: replace out/encl.tbs: Operation not permitted"
	expect "$(cat encl.ss)" old
	expect "$(ls -A out)" ""
	expect "$(echo encl.*)" "encl.bin encl.ss"
	run -1 untracked strace -f -qq -o trace -e inject=rename,renameat:error=EPERM:when=2 \
		sgxsign key.pem encl.bin out/encl.ss out/encl.tbs
	expect "$(ls -A out)" ""
}

@test "a file system that cannot exchange files is written all the same" {
	echo old >out/encl.ss
	untracked strace -f -qq -o trace -e inject=renameat2:error=EINVAL:when=1 \
		sgxsign key.pem encl.bin out/encl.ss
	expect "$(stat -c %s out/encl.ss)" 1808
	expect "$(ls -A out)" encl.ss
}

@test "an output is no input and no other output" {
	cp key.pem mine.pem
	run -1 sgxsign mine.pem encl.bin mine.pem
	expect "$output" "sgxsign: mine.pem: given twice"
	run -1 sgxsign mine.pem encl.bin ./mine.pem
	cmp key.pem mine.pem
	ln mine.pem hard.pem
	run -1 sgxsign mine.pem encl.bin hard.pem
	cmp key.pem mine.pem
	run -1 sgxsign key.pem encl.bin out/encl.ss encl.bin
	expect "$output" "sgxsign: encl.bin: given twice"
	refused "sgxsign: out/x: given twice" sgxsign key.pem encl.bin out/x out/x
}

@test "a full standard output is a failure" {
	run -1 bash -c 'sgxsign key.pem encl.bin out/encl.ss >/dev/full'
	expect "$output" "sgxsign: write to standard output: No space left on device"
}

# ---- sgx-tools ----

@test "sgx-tools sign is sgxsign" {
	sgxsign -N -x 7 key.pem encl.bin out/a
	sgx-tools sign -N -x 7 key.pem encl.bin out/b
	cmp out/a out/b
	rm out/*
	refused "sgx-tools: sign: -q: unknown option" sgx-tools sign -q key.pem encl.bin out/encl.ss
}

@test "--help lists every command and option, --version says one line" {
	run -0 sgx-tools --help
	for command in sign show; do
		[[ $output == *"  $command "* ]]
		run -0 sgx-tools $command --help
		[[ ${lines[0]} == "usage: sgx-tools $command "* ]]
		run -0 sgx-tools --help
	done
	run -0 sgxsign --help
	[[ ${lines[0]} == "usage: sgxsign "* ]]
	for option in -N -p -D -s -a -A -x -X -n -m --no-debugger --product --debug-enclave --mmap-size \
		--attrs --attrs-mask --xfrm --xfrm-mask --null-dereference-protection --mmap-min-addr \
		--tbs-only --join; do
		[[ $output == *" $option"[\ ,]* ]]
	done
	run -0 sgxsign --version
	[[ $output =~ ^sgxsign\ [0-9]+\.[0-9.]+$ ]]
	run -0 sgx-tools --version
	[[ $output =~ ^sgx-tools\ [0-9]+\.[0-9.]+$ ]]
}

@test "no command, an unknown command: one line" {
	refused "sgx-tools: no command; sgx-tools --help lists them" sgx-tools
	refused "sgx-tools: frobnicate: unknown command; sgx-tools --help lists them" \
		sgx-tools frobnicate
}

@test "show prints a SIGSTRUCT field by field and that its signature verifies" {
	sgxsign -N -s 0x100000 -n key.pem encl.bin out/encl.ss
	run -0 --separate-stderr sgx-tools show out/encl.ss
	expect "${lines[0]}" "out/encl.ss: SIGSTRUCT"
	for line in "MRENCLAVE $(mrenclave out/encl.ss)" "debug forbidden" "VENDOR 0" "DATE 2024-02-29" \
		"SWDEFINED 0x1015 (sgxsign: enclave size 0x200000, image offset 0x10000)" \
		"MISCSELECT 0x1 EXINFO, mask 0xffffffff" "ATTRIBUTES 0x4 MODE64BIT, mask 0x6" \
		"XFRM 0x3 x87 SSE, mask 0x$ones" "EXPONENT 0x3" "ISVPRODID 0" "ISVSVN 0" \
		"MODULUS $(bytes out/encl.ss 128 384)" "SIGNATURE $(bytes out/encl.ss 516 384)" \
		"Q1 $(bytes out/encl.ss 1040 384)" "Q2 $(bytes out/encl.ss 1424 384)" \
		"signature verifies"; do
		tr -s ' ' <<<"$output" | grep -Fxq " $line" || {
			echo "missing: $line"
			return 1
		}
	done
}

@test "show prints a broken SIGSTRUCT too and says what is wrong" {
	sgxsign key.pem encl.bin encl.ss
	flip encl.ss 960
	run -0 sgx-tools show encl.ss
	[[ ${lines[-1]} =~ ^\ \ signature\ +the\ signature\ does\ not\ verify$ ]]
	head -c 1808 /dev/zero >zero.ss
	run -0 sgx-tools show zero.ss
	[[ ${lines[-1]} =~ ^\ \ signature\ +not\ a\ SIGSTRUCT ]]
}

@test "show prints an image's layout and the MRENCLAVE that sgxsign signs" {
	sgxsign key.pem encl.bin out/encl.ss
	run -0 --separate-stderr sgx-tools show encl.bin
	expect "${lines[0]}" "encl.bin: enclave image"
	[[ ${lines[1]} == *" $(mrenclave out/encl.ss)" ]]
	[[ $output =~ SIZE\ +0x10000 ]]
	[[ $output =~ segment\ 1\ +offset\ 0x1000,\ size\ 0x1000,\ type\ TCS,\ permissions\ ---,\ file\ offset\ 0x1000 ]]
	[[ $output =~ segment\ 2\ +offset\ 0x2000,\ size\ 0x1000,\ type\ REG,\ permissions\ r-x,\ file\ offset\ 0x2000 ]]
	[[ $output =~ segment\ 4\ +offset\ 0x6000,\ size\ 0x2000,\ type\ REG,\ permissions\ rw-,\ zeros ]]
}

@test "show refuses what it does not know, and prints nothing of what is broken" {
	refused "sgx-tools: show: key.pem: no kind of file that show knows; --help lists them" sgx-tools show key.pem
	refused "sgx-tools: show: open none: No such file or directory" sgx-tools show none
	head -c 8192 encl.bin >short.bin
	refused "sgx-tools: show: short.bin: cut short: 8192 bytes of 16384" sgx-tools show short.bin
	refused "sgx-tools: show: 0 operands, not FILE; --help says more" sgx-tools show
	refused "sgx-tools: show: -q: unknown option" sgx-tools show -q encl.bin
}
