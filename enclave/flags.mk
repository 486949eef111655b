# How trusted code is compiled and linked: by this tree and by runtimes made from it (runtime.mk).
# trusted holds the language, warnings and include paths; CC and LVI are set.
encl-is-clang := $(findstring clang,$(shell $(CC) --version 2>/dev/null))
encl-cflags-gcc := -ftrivial-auto-var-init=zero -fzero-call-used-regs=used-gpr \
	-mindirect-branch-register -mharden-sls=all -fno-tree-loop-distribute-patterns
encl-cflags-clang := -fdirect-access-external-data -ftrivial-auto-var-init=zero \
	-enable-trivial-auto-var-init-zero-knowing-it-will-be-removed-from-clang
# GNU as puts the fences into C and assembly alike; clang's own assembler cannot.
encl-cflags-lvi := -Wa,-mlfence-after-load=yes -Wa,-mlfence-before-indirect-branch=all \
	-Wa,-mlfence-before-ret=shl $(if $(encl-is-clang),-fno-integrated-as)
# 40 is TD_CANARY of enclave/thread.h.
encl-cflags := $(trusted) -fvisibility=hidden -mno-red-zone -fno-strict-aliasing -fwrapv \
	-fno-delete-null-pointer-checks -fno-jump-tables -fcf-protection=none \
	-fno-asynchronous-unwind-tables -fno-unwind-tables \
	-fstack-protector-strong -mstack-protector-guard=tls -mstack-protector-guard-reg=gs \
	-mstack-protector-guard-offset=40 -fstack-clash-protection -Wvla \
	$(if $(encl-is-clang),$(encl-cflags-clang),$(encl-cflags-gcc)) \
	$(if $(filter 1,$(LVI)),$(encl-cflags-lvi))
encl-ldflags := -nostdlib -pie -Wl,--no-dynamic-linker,-z,text,-z,defs,-z,noexecstack \
	-Wl,-z,separate-code,-z,max-page-size=4096,-z,norelro,--build-id=none,--hash-style=sysv \
	-Wl,--fatal-warnings,--orphan-handling=error
