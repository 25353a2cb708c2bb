package sanctions

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strings"
)

// maxAddress is the longest address of a currency; Monero's integrated ones have 106 characters.
const maxAddress = 256

// DecodeWallets reads a bare list of addresses, one a line, as they are published beside OFAC's list. The currency is the caller's to
// say, since the file does not. Each address becomes a subject of its own.
func DecodeWallets(list, currency string, r io.Reader) Subjects {
	return func(yield func(*Subject, error) bool) {
		lines := bufio.NewScanner(r)
		lines.Buffer(make([]byte, 0, 4096), 64<<10)
		for n := 1; lines.Scan(); n++ {
			address := strings.TrimSpace(strings.TrimPrefix(lines.Text(), "\ufeff"))
			if address == "" || strings.HasPrefix(address, "#") {
				continue
			}
			if len(address) > maxAddress || strings.ContainsAny(address, " \t,;") {
				if !yield(nil, &EntryError{File: currency, Line: n, Field: "address", Reason: fmt.Sprintf("%.60q is no address", address)}) {
					return
				}
				continue
			}
			s := &Subject{List: list, ID: currency + ":" + address, Kind: Wallets, Wallets: []Wallet{{Currency: currency, Address: address}}}
			if !yield(s, nil) {
				return
			}
		}
		if err := lines.Err(); err != nil {
			if errors.Is(err, bufio.ErrTooLong) {
				err = fmt.Errorf("line longer than 64 KB: %w", ErrTooLarge)
			}
			yield(nil, fmt.Errorf("%s: %w", currency, err))
		}
	}
}
