# Two commands do everything on a fresh machine with Go: `make run` and `make test`.
GOLANGCI := v2.15.0
GOVULNCHECK := v1.9.0
DEADCODE := v0.45.0
BIN := $(CURDIR)/bin
export CGO_ENABLED = 0

.PHONY: run build test lint deadcode bench fuzz vuln clean

run: build ## build, then do the main job on the embedded default
	$(BIN)/marque demo

build: ## one static binary
	go build -trimpath -ldflags "-s -w" -o $(BIN)/marque ./cmd/marque

test: ## every test; real data is used where MARQUE_DATA names its folder
	go test -timeout 30m ./...

lint: $(BIN)/golangci-lint ## formatting, linters, tidy modules
	$(BIN)/golangci-lint run ./...
	go mod tidy -diff

$(BIN)/golangci-lint:
	GOBIN=$(BIN) go install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(GOLANGCI)

deadcode: ## functions that no command and no gate reaches
	.ci/deadcode $(DEADCODE)

bench: ## ratios against real alternatives, in one run
	go test -run '^$$' -bench . -benchmem ./...

FUZZTIME ?= 10s
WALK ?= 100000
fuzz: ## every fuzz target in turn, FUZZTIME each, and a long random walk
	MARQUE_WALK=$(WALK) go test -timeout 8h -run NothingAboveALevel ./eval/walk
	@for d in $$(go list -f '{{.Dir}}' ./...); do \
	  for f in $$(grep -hoE '^func Fuzz[A-Za-z0-9_]+' $$d/*_test.go 2>/dev/null | cut -c6-); do \
	    echo "== $$d $$f"; go test -run '^$$' -fuzz "^$$f\$$" -fuzztime $(FUZZTIME) $$d || exit 1; \
	  done; done

vuln: ## known vulnerabilities in dependencies (needs the network)
	go run golang.org/x/vuln/cmd/govulncheck@$(GOVULNCHECK) ./...

clean:
	rm -rf $(BIN) dist out
