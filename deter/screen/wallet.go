package screen

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"math/big"
	"strings"

	"golang.org/x/crypto/sha3"
)

// Wallet is what the form of an address says.
type Wallet struct {
	// Form is "base58check", "bech32", "bech32m", "ethereum", "monero" or "hex".
	Form string
	// Key is the address as it is looked up: what may be written in two ways is written in one.
	Key string
	// Checked says that a checksum holds; an Ethereum address in one case has none.
	Checked bool
}

// WalletKey is the key of an address, "" for what has the form of none.
func WalletKey(s string) string {
	w, ok := ReadWallet(s)
	if !ok {
		return ""
	}
	return w.Key
}

// ReadWallet reads an address of a crypto currency. An address whose checksum does not hold is none: one letter more or less is another
// wallet, or nobody's.
func ReadWallet(s string) (Wallet, bool) {
	s = strings.TrimSpace(s)
	switch {
	case len(s) < 14 || len(s) > 128:
		return Wallet{}, false
	case strings.HasPrefix(s, "0x") || strings.HasPrefix(s, "0X"):
		return ethereum(s)
	}
	if form, ok := segwit(s); ok {
		return Wallet{Form: form, Key: strings.ToLower(s), Checked: true}, true
	}
	if base58check(s) {
		return Wallet{Form: "base58check", Key: s, Checked: true}, true
	}
	if monero(s) {
		return Wallet{Form: "monero", Key: s, Checked: true}, true
	}
	// A list may give a transaction's or a view key's 32 bytes.
	if b, err := hex.DecodeString(s); err == nil && len(b) == 32 {
		return Wallet{Form: "hex", Key: strings.ToLower(s)}, true
	}
	return Wallet{}, false
}

// ethereum reads 20 bytes in hexadecimal. Mixed case is the checksum of EIP-55.
func ethereum(s string) (Wallet, bool) {
	digits := s[2:]
	lower := strings.ToLower(digits)
	if b, err := hex.DecodeString(lower); err != nil || len(b) != 20 {
		return Wallet{}, false
	}
	w := Wallet{Form: "ethereum", Key: "0x" + lower}
	if digits == lower || digits == strings.ToUpper(digits) {
		return w, true
	}
	h := sha3.NewLegacyKeccak256()
	h.Write([]byte(lower))
	sum := h.Sum(nil)
	for i := range len(lower) {
		nibble := sum[i/2] >> (4 * (1 - i%2)) & 15
		want := lower[i]
		if want >= 'a' && nibble >= 8 {
			want -= 'a' - 'A'
		}
		if digits[i] != want {
			return Wallet{}, false
		}
	}
	w.Checked = true
	return w, true
}

const base58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"

// base58check reads 21 bytes or more with the first four of their double SHA-256: Bitcoin, Litecoin, Dash, Tron, Zcash and others.
func base58check(s string) bool {
	if len(s) < 25 || len(s) > 36 {
		return false
	}
	n := new(big.Int)
	for i := range len(s) {
		d := strings.IndexByte(base58, s[i])
		if d < 0 {
			return false
		}
		n.Mul(n, big.NewInt(58)).Add(n, big.NewInt(int64(d)))
	}
	zeros := 0
	for zeros < len(s) && s[zeros] == '1' {
		zeros++
	}
	b := append(make([]byte, zeros), n.Bytes()...)
	if len(b) < 25 || len(b) > 26 {
		return false
	}
	body, sum := b[:len(b)-4], b[len(b)-4:]
	first := sha256.Sum256(body)
	second := sha256.Sum256(first[:])
	return bytes.Equal(second[:4], sum)
}

const bech32Letters = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"

// segwit reads an address of BIP 173 or BIP 350: version 0 in bech32, later ones in bech32m.
func segwit(s string) (string, bool) {
	if len(s) > 90 || s != strings.ToLower(s) && s != strings.ToUpper(s) {
		return "", false
	}
	s = strings.ToLower(s)
	at := strings.LastIndexByte(s, '1')
	if at < 1 || at+8 > len(s) {
		return "", false
	}
	values := make([]byte, 0, len(s))
	for i := at + 1; i < len(s); i++ {
		v := strings.IndexByte(bech32Letters, s[i])
		if v < 0 {
			return "", false
		}
		values = append(values, byte(v))
	}
	const bech32Sum, bech32mSum = 1, 0x2bc830a3
	sum := polymod(s[:at], values)
	if n := len(values) - 7; values[0] > 16 || n*5/8 < 2 || n*5/8 > 40 {
		return "", false
	}
	switch {
	case sum == bech32Sum && values[0] == 0:
		return "bech32", true
	case sum == bech32mSum && values[0] > 0:
		return "bech32m", true
	}
	return "", false
}

func polymod(prefix string, values []byte) uint32 {
	generators := [5]uint32{0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3}
	c := uint32(1)
	step := func(v byte) {
		top := c >> 25
		c = c&0x1ffffff<<5 ^ uint32(v)
		for i, g := range generators {
			if top>>i&1 == 1 {
				c ^= g
			}
		}
	}
	for i := range len(prefix) {
		step(prefix[i] >> 5)
	}
	step(0)
	for i := range len(prefix) {
		step(prefix[i] & 31)
	}
	for _, v := range values {
		step(v)
	}
	return c
}

// moneroBlocks is how many bytes a last block of so many base58 letters holds, -1 for none.
var moneroBlocks = [12]int{0, -1, 1, 2, -1, 3, 4, 5, -1, 6, 7, 8}

// monero reads a standard (69 bytes) or integrated (77 bytes) address: base58 in blocks of eleven letters, the last four bytes being the
// beginning of the Keccak-256 of the others.
func monero(s string) bool {
	if len(s) != 95 && len(s) != 106 {
		return false
	}
	var out []byte
	for s != "" {
		block := s[:min(11, len(s))]
		s = s[len(block):]
		size := moneroBlocks[len(block)]
		if size < 0 {
			return false
		}
		n := new(big.Int)
		for i := range len(block) {
			d := strings.IndexByte(base58, block[i])
			if d < 0 {
				return false
			}
			n.Mul(n, big.NewInt(58)).Add(n, big.NewInt(int64(d)))
		}
		if n.BitLen() > 8*size {
			return false
		}
		out = append(out, n.FillBytes(make([]byte, size))...)
	}
	h := sha3.NewLegacyKeccak256()
	h.Write(out[:len(out)-4])
	return bytes.Equal(h.Sum(nil)[:4], out[len(out)-4:])
}
