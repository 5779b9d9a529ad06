/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The program that runs in the guest: say that it runs, touch the working set, say that it is
 * done. RDI: its mailbox slot. 64-bit mode, identity mapped, no stack, integer instructions only.
 */
#include "sevpinbench/payload.h"

	/* PVALIDATE of the 4 KiB page at RBX: ours from now on. R11 and RSP keep what it needs. */
	.macro validate
	movq	%rcx, %r11
	movq	%rdx, %rsp
	movq	%rbx, %rax
	xorl	%ecx, %ecx
	movl	$1, %edx
	.byte	0xf2, 0x0f, 0x01, 0xff
	movq	%r11, %rcx
	movl	$PAYLOAD_FLAG_HALTS, %r11d	/* for what comes behind the touching */
	movq	%rsp, %rdx
	testl	%eax, %eax
	jnz	invalid
	.endm

	/* One access to the page at RBX. The value written is the page's own address. */
	.macro access op
	.ifc \op, snp_write
	validate
	movq	%rbx, (%rbx)
	.endif
	.ifc \op, snp_read
	validate
	movq	(%rbx), %rax
	.endif
	.ifc \op, write
	movq	%rbx, (%rbx)
	.endif
	.ifc \op, read
	movq	(%rbx), %rax
	.endif
	.endm

	/* RCX pages upwards from RBX, which is left behind them. RSI is the page size. */
	.macro run_upwards op
1:	access	\op
	addq	%rsi, %rbx
	decq	%rcx
	jnz	1b
	.endm

	/* All R13 pages in order: first those below the hole, then those above it. */
	.macro touch_seq op
	movq	%r12, %rbx
	shlq	$12, %rbx
	movl	$4096, %esi
	movq	%r13, %r10
	movq	%r8, %rcx		/* pages from the first up to the hole */
	subq	%rbx, %rcx
	jbe	3f			/* none: it starts above */
	shrq	$12, %rcx
	cmpq	%r13, %rcx
	jbe	2f
	movq	%r13, %rcx
2:	subq	%rcx, %r10
	run_upwards \op
	testq	%r10, %r10
	jz	4f
3:	addq	%r9, %rbx
	movq	%r10, %rcx
	run_upwards \op
4:	jmp	done
	.endm

	/* All R13 pages, each once, in the order of the generator (payload.h). */
	.macro touch_random op
	movq	PAYLOAD_MASK(%rdi), %r14
	movq	PAYLOAD_MULTIPLIER(%rdi), %r15
	movq	PAYLOAD_INCREMENT(%rdi), %rbp
	movq	PAYLOAD_SHIFT(%rdi), %rcx
	movq	PAYLOAD_STATE(%rdi), %rdx
	movq	%r13, %r10
1:	imulq	%r15, %rdx
	addq	%rbp, %rdx
	andq	%r14, %rdx
	movq	%rdx, %rbx
	shrq	%cl, %rbx
	xorq	%rdx, %rbx
	cmpq	%r13, %rbx
	jae	1b
	addq	%r12, %rbx
	shlq	$12, %rbx
	cmpq	%r8, %rbx
	jb	2f
	addq	%r9, %rbx
2:	access	\op
	decq	%r10
	jnz	1b
	jmp	done
	.endm

	.macro stamp offset
	rdtsc
	shlq	$32, %rdx
	orq	%rdx, %rax
	movq	%rax, \offset(%rdi)
	.endm

	.section .rodata
	.globl	payload_code, payload_code_halting, payload_code_end
	.balign	16
payload_code:
	outb	%al, $PAYLOAD_PORT_FIRST
begin:
	movabsq	$PAYLOAD_MAGIC_STARTED, %rax
	movq	%rax, PAYLOAD_STARTED(%rdi)
	stamp	PAYLOAD_TSC_FIRST
	movq	PAYLOAD_FIRST_PAGE(%rdi), %r12
	movq	PAYLOAD_PAGES(%rdi), %r13
	movq	PAYLOAD_LOW_BYTES(%rdi), %r8
	movq	PAYLOAD_HOLE_BYTES(%rdi), %r9
	movq	PAYLOAD_FLAGS(%rdi), %r11
	testq	%r13, %r13
	jz	done
	testq	$PAYLOAD_FLAG_SNP, %r11
	jnz	snp
	testq	$PAYLOAD_FLAG_RANDOM, %r11
	jnz	random
	testq	$PAYLOAD_FLAG_READ, %r11
	jnz	seq_read
	touch_seq write
seq_read:
	touch_seq read
random:
	testq	$PAYLOAD_FLAG_READ, %r11
	jnz	random_read
	touch_random write
random_read:
	touch_random read
snp:
	testq	$PAYLOAD_FLAG_RANDOM, %r11
	jnz	snp_random
	testq	$PAYLOAD_FLAG_READ, %r11
	jnz	snp_seq_read
	touch_seq snp_write
snp_seq_read:
	touch_seq snp_read
snp_random:
	testq	$PAYLOAD_FLAG_READ, %r11
	jnz	snp_random_read
	touch_random snp_write
snp_random_read:
	touch_random snp_read
done:
	movq	%r13, PAYLOAD_TOUCHED(%rdi)
	stamp	PAYLOAD_TSC_DONE
	movabsq	$PAYLOAD_MAGIC_FINISHED, %rax
	movq	%rax, PAYLOAD_FINISHED(%rdi)
	testq	$PAYLOAD_FLAG_HALTS, %r11
	jnz	halt
	outb	%al, $PAYLOAD_PORT_DONE
1:	hlt
	jmp	1b

payload_code_halting:
	hlt
	jmp	begin
halt:
	hlt
	movl	$0x100, %ebx		/* a termination request, reason code 0 */
	jmp	1f
invalid:
	movl	$PAYLOAD_TERMINATION_INVALID, %ebx
1:	movl	$0xc0010130, %ecx	/* the GHCB's MSR */
	movl	%ebx, %eax
	xorl	%edx, %edx
	wrmsr
	rep; vmmcall			/* VMGEXIT */
	jmp	1b
payload_code_end:

	.section .note.GNU-stack, "", @progbits
