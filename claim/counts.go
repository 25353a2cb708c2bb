package claim

// Counts is the property extension of a sighting that Marque counted: what each file contributed, so that a further file, or one that
// grew, adds to the count and the same file again does not.
type Counts struct {
	ExtensionType string      `json:"extension_type"` // property-extension
	Files         []FileCount `json:"files,omitempty"`
	// Lake is what a look back in the lake counted, whose events may be those of files: the sighting's count is the larger one.
	Lake int64 `json:"lake,omitempty"`
}

// FileCount is how often one file showed the indicator to the sensor in the hour.
type FileCount struct {
	Start  int64  `json:"start"`  // how many bytes of the beginning of the file's text tell it from others
	Digest string `json:"digest"` // of these and the sighting's id: SHA-256, the first 16 bytes in hex
	Count  int64  `json:"count"`
}
