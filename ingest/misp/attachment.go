package misp

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"strings"

	"marque/misp"
)

// attachedTo is the file that an attribute carries, as an artifact and the file that has it as its content. It is nil where there is
// none, or none that base64 would give back as it came; then the record keeps it.
func attachedTo(rec misp.Record) []map[string]any {
	data := rec.Text("data")
	content, err := base64.StdEncoding.DecodeString(data)
	if data == "" || err != nil || base64.StdEncoding.EncodeToString(content) != data {
		return nil
	}
	payload := map[string]any{"payload_bin": data}
	file := map[string]any{"name": rec.Text("value")}
	switch rec.Text("type") {
	case "attachment":
		sum := sha256.Sum256(content)
		file["hashes"], file["size"] = map[string]any{"SHA-256": hex.EncodeToString(sum[:])}, len(content)
	case "malware-sample": // MISP packs samples into an encrypted archive
		name, digest, ok := strings.Cut(rec.Text("value"), "|")
		if !ok || name == "" || digest == "" {
			return nil
		}
		file["name"], file["hashes"] = name, map[string]any{"MD5": digest}
		payload["mime_type"], payload["encryption_algorithm"], payload["decryption_key"] = "application/zip", "mime-type-indicated", "infected"
	default:
		return nil
	}
	artifact := observable("artifact", payload)
	file["content_ref"] = artifact["id"]
	return []map[string]any{artifact, observable("file", file)}
}
