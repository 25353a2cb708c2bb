#include "textflag.h"

// func prefetch(bloom, hashes []uint64)
TEXT ·prefetch(SB), NOSPLIT, $0-48
	MOVQ  bloom_base+0(FP), BX
	MOVQ  bloom_len+8(FP), DI
	MOVQ  hashes_base+24(FP), SI
	MOVQ  hashes_len+32(FP), CX
	TESTQ CX, CX
	JZ    done

loop:
	MOVQ       (SI), AX
	MULQ       DI // the product's high half is the place
	PREFETCHT0 (BX)(DX*8)
	ADDQ       $8, SI
	DECQ       CX
	JNZ        loop

done:
	RET
