# make build   the binary, bin/tidings
# make check   what must hold before a commit lands
# make bench   the figures, beside Hugo and nginx where they are installed
# make bar     the heavy suite: kills, failing disks and servers, random faults; writes BAR.md
# make bar-feeds   every document of every real blog, and of hostile posts, before the strictest judges

GO          ?= go
STATICCHECK ?= honnef.co/go/tools/cmd/staticcheck@v0.8.2
# SQLite is C translated to Go: its memory is not Go's, which is all that the race
# detector and checkptr look at, and watching it takes three quarters of the time.
# Its locks, its driver and all that is ours are watched.
RACE        ?= -race -gcflags='modernc.org/sqlite/lib=-race=false -d=checkptr=0' -gcflags=modernc.org/libc=-d=checkptr=0 -gcflags=modernc.org/memory=-d=checkptr=0

.PHONY: build check fmt vet lint test cross tidy bench bar bar-feeds

build:
	CGO_ENABLED=0 $(GO) build -trimpath -ldflags '-s -w' -o bin/tidings ./cmd/tidings

check: fmt vet lint tidy cross test

fmt:
	@out=$$(gofmt -l $$(git ls-files '*.go')); [ -z "$$out" ] || { echo "not gofmt'ed:"; echo "$$out"; exit 1; }

vet:
	$(GO) vet ./...

lint:
	$(GO) run $(STATICCHECK) ./...

tidy:
	$(GO) mod tidy -diff
	$(GO) mod verify

cross:
	CGO_ENABLED=0 GOOS=linux GOARCH=amd64 $(GO) build -o /dev/null ./cmd/tidings
	CGO_ENABLED=0 GOOS=linux GOARCH=arm64 $(GO) build -o /dev/null ./cmd/tidings
	CGO_ENABLED=0 $(GO) build -tags nomath -o /dev/null ./cmd/tidings

test:
	$(GO) test $(RACE) -shuffle=on -timeout 30m ./...
	$(GO) test -tags nomath ./posts/formula ./posts/markdown

bench: build
	./.ci/bench
	./.ci/bench-http
	./.ci/bench-mail
	$(GO) test -run '^$$' -bench 'Feeds|Newest20' -benchtime 20x ./internal/publish
	$(GO) test -run '^$$' -bench . ./posts/formula ./posts/markdown

SEED ?= 1
bar: build
	$(GO) run ./internal/bar -bin bin/tidings -seed $(SEED) -o BAR.md

bar-feeds: build
	./.ci/bar-feeds
