package rooms

import (
	"errors"
	"net/http"

	"marque/ledger/witness"
	"marque/workspace"
)

// witnessPrefix is the submission prefix of C2SP tlog-witness: requests go to witnessPrefix/add-checkpoint.
const witnessPrefix = "/witness"

// witnessRoom answers logs that want their heads cosigned. It lets everybody in: a head is public, and only those of logs that are
// watched are answered.
type witnessRoom struct{ http.Handler }

// Patterns implements serve.Room.
func (*witnessRoom) Patterns() []string { return []string{witnessPrefix + "/"} }

// openWitness opens the witness where the workspace is one.
func (h *House) openWitness() error {
	made, end, err := h.w.Witness()
	if errors.Is(err, workspace.ErrNoWitness) {
		return nil
	}
	if err != nil {
		return err
	}
	h.endWitness = end
	h.witness = newWitnessRoom(made, func(err error) { h.log.Error("witness", "error", err) })
	return nil
}

func newWitnessRoom(w *witness.Witness, failed func(error)) *witnessRoom {
	return &witnessRoom{http.StripPrefix(witnessPrefix, w.Handler(failed))}
}

// Witness tells whether heads are cosigned.
func (h *House) Witness() bool { return h.witness != nil }
