# Vitalband. `make demo` and `make test` each set everything up on a fresh machine.
# PYTHON picks the interpreter (3.11 or newer); VITALBAND_DATA the folder of recordings.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
RECORDING ?=
JOBS ?= 2
SECONDS ?= 60
TARGETS ?=
BLUEZ_TESTS ?= tests/bluez tests/device
SOC ?= nrf52840
BOARD ?=
PROFILE ?=
KAITAI := .cache/kaitai/.ready
IMAGE_PACKAGES = gcc libc6-dev make gcc-arm-none-eabi libnewlib-arm-none-eabi qemu-system-arm
PYTEST = HYPOTHESIS_PROFILE=$${HYPOTHESIS_PROFILE:-ci} $(BIN)/python -m pytest -n $(JOBS) --dist worksteal $(TEST_OPTIONS)

.DEFAULT_GOAL := help
.PHONY: help demo test test-many test-ble test-m4 check gen bench bench-ble bench-codec bench-link bench-vitals budget soak soak-m4 pictures firmware bundle languages clean

help: ## Show what can be made
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 14

demo: $(VENV)/.sim ## Run the band, decode its vital signs, show them against the reference
	@$(BIN)/vitalband demo $(if $(RECORDING),--recording $(RECORDING)) $(DEMO_OPTIONS)

test: $(VENV)/.dev ## Run the tests, those of the whole band on both lanes
	@$(MAKE) --no-print-directory firmware PROFILE=product && $(MAKE) --no-print-directory firmware PROFILE=dev || { [ -z "$${CI:-}" ] && echo "Tests of the Cortex-M4 lane will say what they lack."; }
	@$(MAKE) --no-print-directory languages || { [ -z "$${CI:-}" ] && echo "Tests of other languages will say what they lack."; }
	@$(PYTEST) -m measured --cov --cov-report=term:skip-covered --cov-fail-under=100
	@$(PYTEST) -m "not measured"
	@$(BIN)/python -m fuzz --executions 300 --seed 1 --if-there

test-many: $(VENV)/.dev ## Run the property tests with many more examples
	@HYPOTHESIS_PROFILE=many $(BIN)/python -m pytest -n $(JOBS) --timeout=7200 tests/protocol tests/link tests/portable

test-m4: $(VENV)/.dev firmware ## Run the tests of the whole band and of the lanes on the emulated Cortex-M4F alone
	@$(PYTEST) --lane m4 tests/device tests/sim tests/m4

test-ble: $(VENV)/.dev firmware ## Run the tests of the whole band over the virtual radio instead of a line
	@$(PYTEST) --carrier ble tests/device

.PHONY: test-bluez
test-bluez: $(VENV)/.dev ## Run the tests on BlueZ and a Linux kernel in an emulated machine (8 minutes; says what it lacks)
	@tools/debian_packages.sh qemu-system-x86
	@$(BIN)/python -m bluez_vm
	@$(BIN)/python -m pytest -n 0 --lane unix --carrier bluez $(BLUEZ_TESTS) $(TEST_OPTIONS)

.PHONY: fuzz
fuzz: $(VENV)/.dev ## Fuzz what reads bytes of others (SECONDS=60 for all; TARGETS="deframer link")
	@$(BIN)/python -m fuzz $(TARGETS) --seconds $(SECONDS) --grow

.PHONY: mutants
mutants: $(VENV)/.dev ## Change the protocol's code one thing at a time: do the tests notice? (half an hour)
	@$(PIP) install -c constraints.txt -e '.[mutants]'
	@nice -n 5 $(BIN)/python -m mutants $(MUTANTS_OPTIONS)

check: $(VENV)/.dev ## Lint, types, generated files, layers
	@tools/debian_packages.sh unifont
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/pyright
	$(BIN)/python tools/generate.py --check
	$(BIN)/python tools/glyphs.py --check
	cd tools && ../$(BIN)/python -m fit.table --check
	$(BIN)/python -m pytest -q -n 0 tests/test_layers.py

gen: $(VENV)/.dev ## Write the generated files anew
	@tools/debian_packages.sh unifont
	$(BIN)/python tools/generate.py
	$(BIN)/python tools/glyphs.py
	cd tools && ../$(BIN)/python -m fit.table
	$(BIN)/python tools/start_traffic.py

bench: $(VENV)/.dev ## Print the benchmark tables
	@$(BIN)/python -m bench

bench-ble: $(VENV)/.dev ## Measure what the link over the virtual radio carries, and takes (BENCH_OPTIONS="rates"; minutes)
	@cd tools && OMP_NUM_THREADS=1 ../$(BIN)/python -m bench_ble $(BENCH_OPTIONS)

bench-codec: $(VENV)/.dev ## Measure the codec on recordings, beside others (BENCH_OPTIONS="--data DIR sizes")
	@cd tools && OMP_NUM_THREADS=1 ../$(BIN)/python -m bench_codec $(BENCH_OPTIONS)

bench-link: $(VENV)/.dev ## Measure loss, repair, cuts and times of the link (BENCH_OPTIONS="loss times"; minutes)
	@cd tools && OMP_NUM_THREADS=1 ../$(BIN)/python -m bench_link $(BENCH_OPTIONS)

bench-vitals: $(VENV)/.dev ## Score the vital signs on published recordings, beside others (BENCH_OPTIONS="--lanes heart-troika")
	@OMP_NUM_THREADS=1 $(BIN)/python -m bench_vitals $(BENCH_OPTIONS)

budget: $(VENV)/.dev firmware ## Measure what the firmware takes of its chip, against its budgets
	@$(BIN)/python -m budget $(BUDGET_OPTIONS)

soak: $(VENV)/.dev ## Cut at every byte; let bands live through faults (SOAK_OPTIONS="--seeds 20 --hours 24 --profile light")
	@VITALBAND_EVERY_BYTE=1 $(BIN)/python -m pytest -q tests/link/test_cut_anywhere.py
	@$(BIN)/python -m soak.cuts
	@$(BIN)/python -m soak $(SOAK_OPTIONS)

soak-m4: $(VENV)/.dev firmware ## Let the image live for 24 calm virtual hours (SOAK_OPTIONS="--hours 1" for less)
	@$(BIN)/python -m soak --lane m4 --profile calm $(SOAK_OPTIONS)

pictures: $(VENV)/.dev ## Draw the pictures of the README anew
	@$(BIN)/python tools/pictures.py

firmware: ## Build an image for the emulated Cortex-M4F (SOC=nrf52840 PROFILE=product|dev)
	@tools/check_python.sh "$(PYTHON)"
	@tools/debian_packages.sh $(IMAGE_PACKAGES)
	@$(PYTHON) tools/firmware_image.py --soc $(SOC) --profile $(or $(PROFILE),product) --jobs $(JOBS)

bundle: $(VENV)/.dev ## Compile the firmware into releases below dist/ (BOARD=esp32s3 PROFILE=dev KEY=secret.key)
	@tools/debian_packages.sh gcc libc6-dev make
	@$(BIN)/python tools/firmware_bundle.py $(if $(BOARD),--board $(BOARD)) --profile $(or $(PROFILE),dev) $(if $(KEY),--key $(KEY))

.PHONY: sign
sign: $(VENV)/.dev ## Sign a release, images built of it too (RELEASE=dist/.../release.json KEY=secret.key IMAGE=firmware.bin)
	@$(BIN)/python tools/sign_release.py $(RELEASE) --key $(KEY) $(addprefix --image ,$(IMAGE))

languages: $(KAITAI) ## Install what the tests of other languages want: node, the Kaitai compiler, tshark
	@tools/debian_packages.sh tshark

clean: ## Remove what was set up and made
	rm -rf $(VENV) .pytest_cache .ruff_cache .hypothesis .coverage* demo-output bench-vitals-output

$(VENV)/.created:
	@tools/check_python.sh "$(PYTHON)"
	@$(PYTHON) -m venv $(VENV)
	@touch $@

# Installing by constraints.txt makes two set-ups alike; the extras name what is wanted.
$(VENV)/.sim: $(VENV)/.created pyproject.toml constraints.txt
	@echo "Setting up the virtual band (once)..."
	@$(PIP) install -c constraints.txt -e '.[sim]'
	@touch $@

$(VENV)/.dev: $(VENV)/.created pyproject.toml constraints.txt
	@echo "Setting up the tests (once)..."
	@$(PIP) install -c constraints.txt -e '.[sim,radio,flash,bench,fuzz,dev]'
	@touch $@ $(VENV)/.sim

# Node may have come without Debian's packages of these names; npm then comes with it.
$(KAITAI): tools/kaitai/package.json tools/kaitai/package-lock.json tools/kaitai/.npmrc
	@{ command -v node && command -v npm; } >/dev/null || tools/debian_packages.sh nodejs npm
	@rm -rf $(@D) && mkdir -p $(@D) && cp $^ $(@D)
	@cd $(@D) && npm ci --no-audit --no-fund --ignore-scripts --loglevel=error
	@touch $@
