/* SPDX-License-Identifier: Apache-2.0 */
/* Constants that entry.S shares with C; asserted in thread.c. */
#ifndef SWSGX_TRAP_LAYOUT_H
#define SWSGX_TRAP_LAYOUT_H

/*
 * A thread's slot: its block at the start, a guard page, the signal stack to the end.  A slot is
 * aligned to its size, so that the stack pointer of a handler gives the block.
 */
#define SLOT_SIZE        0x20000
#define SLOT_STACK_START 0x3000

#define THREAD_INSIDE   0
#define THREAD_HOST_FS  8
#define THREAD_HOST_GS  16
#define THREAD_FS       24
#define THREAD_GS       32
#define THREAD_SELECTOR 40

/* struct thread.fast */
#define FAST_TCS_LA              48
#define FAST_SPACE_GENERATION    56
#define FAST_STATE_GENERATION    64
#define FAST_STATE_GENERATION_AT 72
#define FAST_ENCLAVE_INSIDE      80
#define FAST_TCS                 88
#define FAST_PROCESSOR_COUNT     96
#define FAST_GPR                 104
#define FAST_CSSA                112
#define FAST_TARGET              120
#define FAST_FS                  128
#define FAST_GS                  136
#define FAST_RUNNING             144
#define FAST_EXITS               152
#define FAST_SAVED               160
#define FAST_AEP                 168
#define FAST_OWNER               176

#define SLOT_SHIFT 17

#define TCS_CSSA  24
#define TCS_AEP   40
#define TCS_OWNER 2048
#define GPR_URSP  144
#define GPR_URBP  152

/* Syscall User Dispatch */
#define SELECTOR_ALLOW 0
#define SELECTOR_BLOCK 1

#define RFLAGS_NT 0x4000
#define RFLAGS_AC 0x40000
#define RFLAGS_ID 0x200000

#define UC_RFLAGS 176 /* ucontext_t.uc_mcontext.gregs[REG_EFL] */

#define STACK_SP 0 /* stack_t.ss_sp */

#define SYS_RT_SIGRETURN  15
#define SYS_SET_ALTSTACK  131
#define SYS_ARCH_PRCTL    158
#define ARCH_PRCTL_SET_GS 0x1001
#define ARCH_PRCTL_SET_FS 0x1002

#endif
