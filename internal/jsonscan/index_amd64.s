#include "textflag.h"

// func markAVX2(dst, src []byte)
//
// Compared as signed numbers, control characters and bytes above 0x7F are all less than 0x20.
TEXT ·markAVX2(SB), NOSPLIT, $0-48
	MOVQ dst_base+0(FP), DI
	MOVQ src_base+24(FP), SI
	MOVQ src_len+32(FP), CX
	SHRQ $6, CX
	JZ   done

	MOVQ $0x2222222222222222, AX // quotes
	VMOVQ AX, X0
	VPBROADCASTQ X0, Y0
	MOVQ $0x5C5C5C5C5C5C5C5C, AX // backslashes
	VMOVQ AX, X1
	VPBROADCASTQ X1, Y1
	MOVQ $0x2020202020202020, AX
	VMOVQ AX, X2
	VPBROADCASTQ X2, Y2

loop:
	VMOVDQU  (SI), Y3
	VMOVDQU  32(SI), Y4
	VPCMPEQB Y0, Y3, Y5
	VPCMPEQB Y0, Y4, Y6
	VPCMPEQB Y1, Y3, Y7
	VPCMPEQB Y1, Y4, Y8
	VPCMPGTB Y3, Y2, Y3 // 0x20 > byte
	VPCMPGTB Y4, Y2, Y4
	VPOR     Y5, Y7, Y5
	VPOR     Y6, Y8, Y6
	VPOR     Y5, Y3, Y3
	VPOR     Y6, Y4, Y4
	VPMOVMSKB Y3, AX
	VPMOVMSKB Y4, BX
	SHLQ     $32, BX
	ORQ      AX, BX
	MOVQ     BX, (DI)
	ADDQ     $64, SI
	ADDQ     $8, DI
	DECQ     CX
	JNZ      loop
	VZEROUPPER

done:
	RET
