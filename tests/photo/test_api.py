"""The package's surface, and what it may import."""

import ast
import subprocess
import sys
from pathlib import Path

import huegram.photo

PACKAGE = Path(huegram.photo.__file__).parent


class TestSurface:
    def test_names_are_all_there(self):
        assert len(set(huegram.photo.__all__)) == len(huegram.photo.__all__)
        for name in huegram.photo.__all__:
            assert hasattr(huegram.photo, name), name

    def test_imports_only_what_the_design_allows(self):
        allowed = {"numpy", "cv2", "PIL", "tifffile", "pillow_heif", *sys.stdlib_module_names}
        for path in PACKAGE.glob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                modules = []
                if isinstance(node, ast.Import):
                    modules = [alias.name for alias in node.names]
                elif isinstance(node, ast.ImportFrom):
                    modules = [node.module]
                for module in modules:
                    is_ours = module.startswith("huegram.photo.") or module == "huegram.errors"
                    assert is_ours or module.split(".")[0] in allowed, f"{path.name}: {module}"

    def test_import_changes_nothing_for_the_process(self):
        code = """if True:
            import sys, warnings, cv2, numpy, tifffile, PIL.Image
            before = (PIL.Image.MAX_IMAGE_PIXELS, list(warnings.filters))
            import huegram.photo
            assert before == (PIL.Image.MAX_IMAGE_PIXELS, list(warnings.filters))
            assert "pillow_heif" not in sys.modules
            assert "torch" not in sys.modules
        """
        subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
