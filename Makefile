# The gate is `make test`; the rest is convenience. Everything needs Go 1.26 and nothing else beforehand.

DATA ?= demo-data
PKG  ?= ./...
FUZZTIME ?= 1m

.PHONY: test run build screenshots lint fmt pg-test race soak bench fuzz clean

test: bin/gate ## format, vet, lint, every test; installs by apt-get what is missing when root on Debian
	bin/gate

run: build ## the demonstration: portal and console on http://localhost:8080
	bin/sanad demo --data $(DATA)

build: ## one static stripped binary: bin/sanad
	CGO_ENABLED=0 go build -trimpath -ldflags "-s -w" -o bin/sanad ./cmd/sanad

screenshots: ## the pictures of docs/img, taken of the played story
	go test -tags shots -count=1 -run TestShots ./e2e

lint: bin/golangci-lint
	bin/golangci-lint run ./...

fmt: bin/golangci-lint
	bin/golangci-lint fmt

pg-test: bin/gate ## go test on PKG with a private PostgreSQL
	bin/gate with-postgres go test $(PKG)

race: bin/gate ## needs a C compiler, which the gate does not
	bin/gate with-postgres env CGO_ENABLED=1 go test -race -timeout 60m $(PKG)

soak: bin/gate ## the long versions of the tests: hours, not minutes
	bin/gate with-postgres go test -tags soak -count=1 -timeout 6h -v -run Soak $(PKG)

bench: bin/gate ## ratios against others, in one run
	bin/gate with-postgres go -C bench test -run '^$$' -bench . -benchmem ./...
	bin/gate with-postgres go test -run '^$$' -bench 'Clerk|Decision|StreetDoor|Recompute|ProtocolCheck' -benchmem ./internal/app ./internal/law/pack
	bin/gate with-postgres go test -run '^$$' -bench 'Compute|Due|Pages' -benchtime 1000x ./internal/law/legaltime ./internal/desk/console

fuzz: ## every fuzz target in turn, FUZZTIME each
	@set -e; go list -f '{{.ImportPath}} {{.Dir}}' ./... | while read -r pkg dir; do \
	  for target in $$(sed -n 's/^func \(Fuzz[A-Za-z0-9_]*\)(.*/\1/p' "$$dir"/*_test.go 2>/dev/null); do \
	    echo "== $$pkg $$target"; \
	    go test -run '^$$' -fuzz "^$$target\$$" -fuzzminimizetime 20x -fuzztime $(FUZZTIME) "$$pkg" </dev/null; \
	  done; \
	done

clean:
	rm -rf bin

# Go's own cache decides what is up to date, so these two always ask it.
.PHONY: bin/gate bin/golangci-lint
bin/gate:
	@go build -C tools -buildvcs=false -o ../bin/gate ./gate
bin/golangci-lint:
	@CGO_ENABLED=0 go build -C tools -buildvcs=false -trimpath -ldflags "-s -w" -o ../bin/golangci-lint github.com/golangci/golangci-lint/v2/cmd/golangci-lint
