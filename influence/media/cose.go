package media

import (
	"crypto"
	"crypto/x509"
	"encoding/asn1"
	"errors"
	"fmt"
	"time"

	"github.com/fxamacker/cbor/v2"
	"github.com/veraison/go-cose"
)

// decoding reads CBOR as lenient as writers are, within limits.
var decoding = func() cbor.DecMode {
	m, err := cbor.DecOptions{MaxNestedLevels: 32, MaxArrayElements: 100_000, MaxMapPairs: 100_000}.DecMode()
	if err != nil {
		panic("media: " + err.Error())
	}
	return m
}()

// signature is a COSE_Sign1 message (RFC 9052, 4.2) whose payload, the claim, stands elsewhere.
type signature struct {
	algorithm cose.Algorithm
	protected []byte
	chain     [][]byte // DER, the signer's first
	signature []byte
	stamped   time.Time // what the time stamp in it says; zero where there is none
}

// Labels of COSE headers.
const (
	labelAlgorithm = 1
	labelChain     = 33
	nameChain      = "x5chain"
)

// readSignature takes a message apart, tagged or not.
func readSignature(data []byte) (signature, error) {
	var tag cbor.RawTag
	if err := decoding.Unmarshal(data, &tag); err == nil {
		data = tag.Content
	}
	var m struct {
		_           struct{} `cbor:",toarray"`
		Protected   []byte
		Unprotected map[any]cbor.RawMessage
		Payload     []byte
		Signature   []byte
	}
	if err := decoding.Unmarshal(data, &m); err != nil {
		return signature{}, fmt.Errorf("COSE: %w", err)
	}
	s := signature{protected: m.Protected, signature: m.Signature}
	protected := map[any]cbor.RawMessage{}
	if len(m.Protected) > 0 {
		if err := decoding.Unmarshal(m.Protected, &protected); err != nil {
			return s, fmt.Errorf("COSE: protected header: %w", err)
		}
	}
	var algorithm int64
	if err := decoding.Unmarshal(protected[uint64(labelAlgorithm)], &algorithm); err != nil {
		return s, fmt.Errorf("COSE: algorithm: %w", err)
	}
	s.algorithm = cose.Algorithm(algorithm)
	for _, raw := range []cbor.RawMessage{protected[uint64(labelChain)], protected[nameChain], m.Unprotected[uint64(labelChain)], m.Unprotected[nameChain]} {
		if s.chain == nil && raw != nil {
			s.chain = readChain(raw)
		}
	}
	s.stamped = readTimeStamp(m.Unprotected)
	return s, nil
}

// readChain reads one certificate or a list of them.
func readChain(raw cbor.RawMessage) [][]byte {
	var one []byte
	if decoding.Unmarshal(raw, &one) == nil {
		return [][]byte{one}
	}
	var many [][]byte
	if decoding.Unmarshal(raw, &many) != nil {
		return nil
	}
	return many
}

// certificate is the signer's.
func (s *signature) certificate() (*x509.Certificate, error) {
	if len(s.chain) == 0 {
		return nil, errors.New("no certificate")
	}
	c, err := x509.ParseCertificate(s.chain[0])
	if err != nil {
		return nil, fmt.Errorf("certificate: %w", err)
	}
	if c.PublicKey == nil {
		c.PublicKey = pssKey(c.RawSubjectPublicKeyInfo)
	}
	return c, nil
}

// oidPSS marks an RSA key that is for PSS signatures only (RFC 4055, 1.2), which crypto/x509 does not read.
var oidPSS = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 10}

func pssKey(spki []byte) crypto.PublicKey {
	var info struct {
		Algorithm struct {
			OID        asn1.ObjectIdentifier
			Parameters asn1.RawValue `asn1:"optional"`
		}
		Key asn1.BitString
	}
	if _, err := asn1.Unmarshal(spki, &info); err != nil || !info.Algorithm.OID.Equal(oidPSS) {
		return nil
	}
	key, err := x509.ParsePKCS1PublicKey(info.Key.Bytes)
	if err != nil {
		return nil
	}
	return key
}

// errAlgorithm says that the signature is of a kind that is not checked.
var errAlgorithm = errors.New("signature algorithm is not supported")

// verify checks the signature over a payload.
func (s *signature) verify(payload []byte, key crypto.PublicKey) error {
	if key == nil {
		return errAlgorithm
	}
	signed, err := cbor.Marshal([]any{"Signature1", s.protected, []byte{}, payload}) // Sig_structure, RFC 9052, 4.4
	if err != nil {
		return err
	}
	v, err := cose.NewVerifier(s.algorithm, key)
	if err != nil {
		return errors.Join(errAlgorithm, err)
	}
	return v.Verify(signed, s.signature)
}

// readTimeStamp reads when the first time stamp (RFC 3161) says that the signature was made. The stamp's own signature is not checked:
// who vouches for it is a question of trust, which is not assessed.
func readTimeStamp(header map[any]cbor.RawMessage) time.Time {
	for _, name := range []string{"sigTst2", "sigTst"} {
		var stamp struct {
			Tokens []struct {
				Value []byte `cbor:"val"`
			} `cbor:"tstTokens"`
		}
		if raw, ok := header[name]; !ok || decoding.Unmarshal(raw, &stamp) != nil || len(stamp.Tokens) == 0 {
			continue
		}
		if t, ok := tokenTime(stamp.Tokens[0].Value); ok {
			return t
		}
	}
	return time.Time{}
}

// tokenTime finds genTime in a time stamp response or token.
func tokenTime(der []byte) (time.Time, bool) {
	var response struct {
		Status asn1.RawValue
		Token  asn1.RawValue `asn1:"optional"`
	}
	if _, err := asn1.Unmarshal(der, &response); err == nil && response.Status.Tag == asn1.TagSequence {
		der = response.Token.FullBytes
	}
	var token struct { // ContentInfo, RFC 5652, 3
		Type   asn1.ObjectIdentifier
		Signed struct { // SignedData, 5.1
			Version int
			Digests asn1.RawValue
			Content struct {
				Type asn1.ObjectIdentifier
				Data []byte `asn1:"explicit,tag:0"`
			}
		} `asn1:"explicit,tag:0"`
	}
	if _, err := asn1.Unmarshal(der, &token); err != nil {
		return time.Time{}, false
	}
	var info struct { // TSTInfo, RFC 3161, 2.4.2
		Version int
		Policy  asn1.ObjectIdentifier
		Imprint asn1.RawValue
		Serial  asn1.RawValue
		Time    time.Time `asn1:"generalized"`
	}
	if _, err := asn1.Unmarshal(token.Signed.Content.Data, &info); err != nil {
		return time.Time{}, false
	}
	return info.Time.UTC(), true
}
