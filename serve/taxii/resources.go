package taxii

import (
	"time"

	"marque/store"
)

// Media types (section 1.6.8).
const (
	MediaType     = "application/taxii+json;version=2.1"
	stixMediaType = "application/stix+json;version=2.1"
)

// The resources of sections 3.6, 4 and 5. Lists are left out where they are empty: section 2 forbids empty ones.
type (
	discovery struct {
		Title       string   `json:"title"`
		Description string   `json:"description,omitempty"`
		Contact     string   `json:"contact,omitempty"`
		Default     string   `json:"default,omitempty"`
		Roots       []string `json:"api_roots,omitempty"`
	}
	apiRoot struct {
		Title            string   `json:"title"`
		Description      string   `json:"description,omitempty"`
		Versions         []string `json:"versions"`
		MaxContentLength int64    `json:"max_content_length"`
	}
	collections struct {
		Collections []collection `json:"collections,omitempty"`
	}
	collection struct {
		ID          string   `json:"id"`
		Title       string   `json:"title"`
		Description string   `json:"description,omitempty"`
		Alias       string   `json:"alias,omitempty"`
		CanRead     bool     `json:"can_read"`
		CanWrite    bool     `json:"can_write"`
		MediaTypes  []string `json:"media_types"`
	}
	manifestRecord struct {
		ID        string `json:"id"`
		DateAdded string `json:"date_added"`
		Version   string `json:"version"`
		MediaType string `json:"media_type"`
	}
	status struct {
		ID           string         `json:"id"`
		Status       string         `json:"status"`
		Requested    string         `json:"request_timestamp"`
		Total        int            `json:"total_count"`
		SuccessCount int            `json:"success_count"`
		Successes    []statusDetail `json:"successes,omitempty"`
		FailureCount int            `json:"failure_count"`
		Failures     []statusDetail `json:"failures,omitempty"`
		PendingCount int            `json:"pending_count"`
	}
	statusDetail struct {
		ID      string `json:"id"`
		Version string `json:"version"`
		Message string `json:"message,omitempty"`
	}
	errorMessage struct {
		Title       string `json:"title"`
		Description string `json:"description,omitempty"`
		ErrorID     string `json:"error_id,omitempty"`
		ErrorCode   string `json:"error_code,omitempty"`
		HTTPStatus  string `json:"http_status"`
	}
)

// timestamp writes a time as section 2 asks: RFC 3339, UTC, six digits.
func timestamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000000Z") }

// version is what TAXII calls the version of an object (section 5.3.1).
func version(rec *store.Record) string {
	if v := rec.Version(); !v.IsZero() {
		return v.String()
	}
	return timestamp(rec.Added)
}
