# `make demo` colors photographs, `make test` tests, `make lint` checks style, types and layers.
VENV ?= .venv
PYTHON ?= python3
IN_VENV = $(VENV)/bin/

.PHONY: demo test lint format figures clean

demo: $(VENV)/.core
	$(IN_VENV)python examples/demo.py out/demo

test: $(VENV)/.dev
	$(IN_VENV)python -m pytest --numprocesses auto --dist loadfile

lint: $(VENV)/.dev
	$(IN_VENV)ruff check
	$(IN_VENV)ruff format --check
	$(IN_VENV)mypy
	$(IN_VENV)lint-imports
	$(IN_VENV)codespell

format: $(VENV)/.dev
	$(IN_VENV)ruff check --fix
	$(IN_VENV)ruff format

# Measures what README says of time and memory, makes its pictures (some in Debian's chromium), and
# writes its tables anew.
figures: $(VENV)/.dev
	$(IN_VENV)python benchmarks/cost.py
	$(IN_VENV)python benchmarks/edits.py
	$(IN_VENV)python benchmarks/studio.py
	$(IN_VENV)python docs/plots.py
	$(IN_VENV)python docs/screenshots.py
	$(IN_VENV)python examples/upsampling.py docs/images/upsampling.jpg
	$(IN_VENV)python examples/demo.py out/demo
	cp out/demo/contact-sheet.jpg docs/images/demo.jpg
	$(IN_VENV)python docs/generate.py

$(VENV)/.core: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(IN_VENV)pip install --quiet --upgrade pip
	$(IN_VENV)pip install --quiet -c constraints.txt -e '.[benchmark]'
	touch $@

$(VENV)/.dev: $(VENV)/.core
	$(IN_VENV)pip install --quiet -c constraints.txt -e '.[all]' --group dev
	touch $@

clean:
	rm -rf $(VENV) out build dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache
