# SPDX-License-Identifier: Apache-2.0
# swsgx --trace, --stats and --check, with tests/trap/traced as the program.

bats_require_minimum_version 1.5.0

setup() {
	O=${O:-$BATS_TEST_DIRNAME/../../build}
	O=$(cd "$O" && pwd)
	swsgx=$O/bin/swsgx
	traced=$O/tests/trap/traced
	cd "$BATS_TEST_TMPDIR" || return
	export SWSGX_STATE=$BATS_TEST_TMPDIR/state
	unset SWSGX_DRIVER SWSGX_TRACE SWSGX_STATS LD_PRELOAD
}

trace() {	# THING...: what traced does, the trace is in the file log
	"$swsgx" --trace=log -- "$traced" "$@"
}

# Just one line of the log, without its prefix, is this pattern of extended regular expressions.
once() {
	[ "$(sed 's/^\[[0-9]*\/[0-9]*\] //' log | grep -cxE -- "$1")" = 1 ] || { echo "$1:"; cat log; return 1; }
}

hex='0x[0-9a-f]+'

@test "the life of an enclave is a line for each call and leaf" {
	trace make enter
	once "open\(\"/dev/sgx_enclave\", O_RDWR\|O_CLOEXEC\) = [0-9]+"
	once "ECREATE rbx=\{size=0x10000 base=$hex attributes=0x6 xfrm=0x7 miscselect=0x1\} rcx=SECS = 0"
	once "ioctl\([0-9]+, SGX_IOC_ENCLAVE_CREATE, \{src=$hex\}\) = 0"
	once "EADD rbx=\{linaddr=${hex}0000,secinfo=TCS\} rcx=epc\+0 = 0"
	once "EADD rbx=\{linaddr=${hex}3000,secinfo=REG\|R\|X\} rcx=epc\+0x3000 = 0"
	once "EEXTEND rbx=SECS rcx=epc\+0x3000 and the 15 after it = 0"
	once "ioctl\([0-9]+, SGX_IOC_ENCLAVE_ADD_PAGES, \{src=$hex, offset=0x3000, length=0x1000, secinfo=$hex, flags=0x1, count=0x1000\}\) = 0"
	once "EINIT rbx=\{enclavehash=[0-9a-f]{16}\.\.\.\} rcx=SECS = 0"
	once "ioctl\([0-9]+, SGX_IOC_ENCLAVE_INIT, \{sigstruct=$hex\}\) = 0"
	once "mmap\(${hex}3000, 0x1000, PROT_READ\|PROT_EXEC, fd [0-9]+\) = 0"
	once "EENTER tcs=${hex}0000 aep=$hex = cssa 0"
	once "EEXIT rbx=$hex = 0"
	[ "$(grep -c ' EADD ' log)" = 13 ]
}

@test "lines come in the order in which calls end" {
	trace make enter
	sed -n 's/^\[[0-9]*\/[0-9]*\] \([A-Z]*\) .*/\1/p' log | uniq >leaves
	[ "$(sed -n '1p;$p' leaves | tr '\n' ' ')" = 'ECREATE EEXIT ' ]
	[ "$(grep -n 'EINIT ' log | cut -d: -f1)" = "$(($(grep -n ENCLAVE_INIT log | cut -d: -f1) - 1))" ]
}

@test "a report and a key show their operands, and an exit comes after them" {
	trace make report
	once "EREPORT rbx=$hex rcx=$hex rdx=$hex = 0"
	once "EGETKEY rbx=$hex rcx=$hex = 0"
}

@test "a fault in the enclave is an AEX with the SDM's name, error code and addresses" {
	trace make fault
	once "AEX #PF\(err=0x8007 addr=${hex}2000\) rip=${hex}3[0-9a-f]{3}"
}

@test "a signal in the enclave is an AEX, and ERESUME goes on" {
	trace make interrupt
	once "AEX interrupt rip=${hex}3[0-9a-f]{3}"
	once "ERESUME tcs=${hex}0000 aep=$hex = 0"
	once "EEXIT rbx=$hex = 0"
}

@test "a refused EINIT says why, which the driver does not" {
	trace refuse
	once "EINIT rbx=.* = SGX_INVALID_MEASUREMENT"
	once "ioctl\([0-9]+, SGX_IOC_ENCLAVE_INIT, .*\) = -1 EPERM \(EINIT: SGX_INVALID_MEASUREMENT\)"
	once "ioctl\([0-9]+, SGX_IOC_ENCLAVE_INIT, .*\) = -1 EPERM \(EINIT: SGX_INVALID_SIGNATURE\)"
}

@test "wrong requests have their errno, and no leaf's reason that is not theirs" {
	trace wrong
	once "ioctl\([0-9]+, SGX_IOC_ENCLAVE_CREATE, \{src=0\}\) = -1 EFAULT"
	once "ioctl\([0-9]+, SGX_IOC_ENCLAVE_INIT, 0\) = -1 EINVAL"
	once "ioctl\([0-9]+, 0xa4ff\) = -1 ENOTTY"
	once "mmap\(0, 0x1000, PROT_READ, fd [0-9]+\) = -1 EINVAL"
	trace refuse wrong
	once "ioctl\([0-9]+, SGX_IOC_ENCLAVE_INIT, 0\) = -1 EINVAL"
}

@test "changes of an enclave's mappings are there, those of other memory are not" {
	trace make map
	once "mprotect\(${hex}4000, 0x1000, PROT_READ\) = 0"
	once "munmap\(${hex}5000, 0x1000\) = 0"
	[ "$(grep -c munmap log)" = 1 ]
}

@test "threads have their number, processes theirs" {
	trace make enter thread child
	pid=$(sed -n '1s/^\[\([0-9]*\)\/.*/\1/p' log)
	[ "$(grep -c "^\[$pid/$pid\] EENTER" log)" = 1 ]
	[ "$(grep "^\[$pid/" log | grep -v "/$pid\]" | grep -c EENTER)" = 1 ]
	[ "$(grep -v "^\[$pid/" log | grep -cE '^\[([0-9]+)/\1\] EENTER')" = 1 ]
}

@test "a program that is started with an empty environment is traced too, and counted" {
	"$swsgx" --trace=log --stats -- "$traced" exec
	[ "$(grep -c ' EENTER tcs=' log)" = 1 ]
	[ "$(grep -cE '\] EENTER +1 ' log)" = 1 ]
}

@test "no line is torn where many processes write" {
	for _ in 1 2 3 4; do
		SWSGX_TRACE=$PWD/log "$swsgx" -- "$traced" make enter thread child 3>&- &
	done
	wait
	[ "$(grep -c ' EENTER ' log)" = 12 ]
	[ "$(grep -cvE '^\[[0-9]+/[0-9]+\] [A-Za-z]+[ (].* = -?[0-9a-z]+( .*)?$' log)" = 0 ]
}

@test "without a file the trace is on stderr, and a program's own output stays as it is" {
	run --separate-stderr "$swsgx" --trace -- sh -c 'echo out; exec 5</dev/sgx_enclave'
	[ "$status" = 0 ]
	[ "$output" = out ]
	[[ $stderr == '['*'] open("/dev/sgx_enclave", O_RDONLY) = '* ]]
}

@test "a program that takes all descriptors does not find the trace in its file" {
	trace make take enter
	[ ! -s taken ]
	once "EENTER tcs=$hex aep=$hex = cssa 0"
	"$swsgx" --trace -- "$traced" make take enter 2>log
	[ ! -s taken ]
}

@test "FILE is emptied first, and made where the launcher is" {
	echo old >log
	trace make
	run ! grep -q old log
	"$swsgx" --trace=log -- sh -c 'cd / && exec 5</dev/sgx_enclave'
	once "open\(.*\) = [0-9]+"
}

@test "a FILE that cannot be made is one line, and nothing runs" {
	for file in no/such/folder '' .; do
		run "$swsgx" --trace="$file" -- sh -c 'echo ran'
		[ "$status" = 1 ]
		[ "${#lines[@]}" = 1 ]
		[[ ${lines[0]} == 'swsgx: --trace: '* ]]
	done
	run env SWSGX_TRACE=/no/such/folder "$swsgx" -- sh -c 'echo ran'
	[ "$status" = 0 ]
	[ "$output" = $'libswsgx: SWSGX_TRACE: the file cannot be opened for appending; nothing is traced\nran' ]
}

@test "--stats counts calls and failures of each process at its end" {
	"$swsgx" --stats -- "$traced" make enter enter refuse child 2>log
	[ "$(grep -c 'total us' log)" = 2 ]
	pid=$(tail -n 1 log | sed 's/^\[\([0-9]*\).*/\1/')
	count() { grep "^\[$pid/" log | sed 's/^[^]]*\] //' | awk -v name="$1" '$1 == name { print $2, $3 }'; }
	[ "$(count EENTER)" = '2 0' ]
	[ "$(count EADD)" = '26 0' ]
	[ "$(count EEXTEND)" = '416 0' ]
	[ "$(count EINIT)" = '3 2' ]
	[ "$(count SGX_IOC_ENCLAVE_CREATE)" = '2 0' ]
	[ "$(grep -v "^\[$pid/" log | awk '$2 == "EENTER" { print $3 }')" = 1 ]
}

@test "a process that makes no call has no statistics, and without --stats none has" {
	run "$swsgx" --stats -- true
	[ "$output" = '' ]
	run "$swsgx" -- "$traced" make enter
	[ "$status" = 0 ]
	[ "$output" = '' ]
}

@test "times add up: a call takes at least as long as the leaves that it makes" {
	"$swsgx" --stats -- "$traced" make 2>log
	sum() { sed 's/^[^]]*\] //' log | awk -v names=" $* " 'index(names, " " $1 " ") { n += $4 } END { print n }'; }
	[ "$(sum SGX_IOC_ENCLAVE_ADD_PAGES)" -ge "$(sum EADD EEXTEND)" ]
	[ "$(sum EADD EEXTEND)" -gt 0 ]
}

@test "--check says of each thing what it means, and by its status whether it is enough" {
	run "$swsgx" --check
	[ "$status" = 0 ]
	[[ ${lines[0]} == 'ENCLU '*'raises SIG'*', where software SGX takes over' ]]
	[[ $output == *'software SGX           can be used here' ]]
	for thing in "enclave's file" "program's memory" 'SGX driver' 'SGX processor' FSGSBASE 'CPUID faulting' \
		'system call dispatch' debugger 'address 0'; do
		[ "$(grep -c "^$thing  *[^ ]" <<<"$output")" = 1 ]
	done
	[ "${#lines[@]}" = 11 ]
}

@test "--check fails where an enclave's file cannot be had" {
	check() {	# SYSTEM-CALL [ERROR], with which it fails
		ASAN_OPTIONS=detect_leaks=0 run strace -o /dev/null -e "trace=$1" -e "inject=$1:error=${2:-EPERM}" "$swsgx" --check
		[ "$status" = 1 ]
		[[ $output == *'software SGX           cannot be used here' ]]
	}
	check memfd_create
	[[ $output == *"enclave's file         no memfd: the kernel refuses it"* ]]
	check ftruncate
	[[ $output == *"enclave's file         no address space for it: a limit (ulimit -v)"* ]]
	check ftruncate EFBIG
	[[ $output == *"enclave's file         may not be so large: a limit (ulimit -Hf)"* ]]
}

@test "a low limit of file sizes does not matter" {
	ulimit -S -f 1000
	"$swsgx" --check
	"$swsgx" -- "$traced" make enter
}

@test "sysctl vm.memfd_noexec does not matter" {
	[ "$(id -u)" = 0 ] || skip "needs root"
	[ -e /proc/sys/vm/memfd_noexec ] || return 0
	for value in 0 1 2; do # in a namespace, which it belongs to
		unshare --pid --fork --mount-proc sh -c "echo $value >/proc/sys/vm/memfd_noexec && '$swsgx' --check && '$swsgx' -- '$traced' make enter"
	done
}
