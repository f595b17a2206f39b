# The layer of third-party code: wheels for one processor, without files that no function reads, with bytecode that
# stays valid in any archive. SAM's own builder leaves bytecode that is never valid, so imports take 2.3 times as long.
# The template's parameter Architecture selects the processor: SAM calls this through x86_64/ or arm64/.
PYTHON ?= python3.13
ARCHITECTURE ?= $(PROCESSOR)
ifneq ($(ARCHITECTURE),$(PROCESSOR))
$(error the environment's ARCHITECTURE is $(ARCHITECTURE), but the template's Architecture is $(PROCESSOR): build with `ARCHITECTURE=$(ARCHITECTURE) make build`)
endif
MACHINE := $(patsubst arm64,aarch64,$(PROCESSOR))
TARGET = $(ARTIFACTS_DIR)/python

# botocore describes about 400 services; these are the ones that functions (and the X-Ray SDK) call.
SERVICES := cognito-idp dynamodb events kms s3 secretsmanager sesv2 sqs sts

build-VendorLayer:
	@mkdir -p "$(TARGET)"
	@$(PYTHON) -m pip install --quiet --disable-pip-version-check --no-input --no-compile --no-deps --require-hashes \
	  --target "$(TARGET)" --only-binary :all: --implementation cp --python-version 3.13 --abi cp313 --abi abi3 --abi none \
	  --platform manylinux_2_34_$(MACHINE) --platform manylinux_2_28_$(MACHINE) --platform manylinux_2_17_$(MACHINE) \
	  --platform manylinux2014_$(MACHINE) --requirement requirements.txt
	@cd "$(TARGET)/botocore/data" && for service in *; do \
	  case " $(SERVICES) " in *" $$service "*) ;; *) if [ -d "$$service" ]; then rm -rf "$$service"; fi ;; esac; done
	@find "$(TARGET)/babel/locale-data" -type f ! -name root.dat ! -name 'en*.dat' ! -name 'it*.dat' -delete
	@rm -rf "$(TARGET)/bin" "$(TARGET)"/*/tests "$(TARGET)"/*/test
	@find "$(TARGET)" \( -name '*.pyi' -o -name direct_url.json -o -name REQUESTED -o -name RECORD -o -name INSTALLER \) -delete
	@cd "$(TARGET)" && $(PYTHON) -m compileall -q -j 1 --invalidation-mode unchecked-hash .
