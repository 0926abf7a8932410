"""Lets PyPI's PyTorch, which is built for CUDA, be imported without 2 GB of CUDA libraries: `python without_cuda.py SITE_PACKAGES`.

Its Python part is linked against cuBLAS, cuDNN, NCCL and others, although nothing in them is called on a machine without a GPU. For each such
library that is missing this puts a stand-in of the same name beside PyTorch's own libraries, whose every function ends the process with a
message. The code that is measured, libtorch_cpu, is PyPI's, unchanged. Needs gcc and binutils.
"""

import pathlib
import re
import subprocess
import sys
import tempfile

PREFIXES = r"(cublas|cudnn|cufft|cuFile|curand|cusolver|cusparse|nccl|pnccl|nvshmem|nvrtc|nvJitLink)"


def output(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def main():
    packages = pathlib.Path(sys.argv[1])
    folder = packages / "torch" / "lib"
    libraries = sorted(folder.glob("*.so*"))
    present = {path.name for path in libraries} | {path.name for path in packages.glob("nvidia/*/lib/*.so*")}
    wanted, symbols = set(), set()
    for path in libraries:
        wanted |= {name for name in re.findall(r"NEEDED.*\[(.*)\]", output("readelf", "-dW", str(path))) if re.match(r"lib" + PREFIXES, name, re.I)}
        symbols |= set(re.findall(rf"\bU ({PREFIXES}\w*)", output("nm", "-D", "--undefined-only", str(path))))
    names = sorted({symbol[0] for symbol in symbols})
    missing = sorted(wanted - present)
    if not missing:
        return
    with tempfile.TemporaryDirectory() as scratch:
        source = pathlib.Path(scratch, "stand_in.c")
        source.write_text('#include <stdio.h>\n#include <stdlib.h>\n'
                          'static void Refuse(const char* name) { fprintf(stderr, "%s: this PyTorch has no CUDA libraries\\n", name); abort(); }\n'
                          + "".join(f'void {name}(void) {{ Refuse("{name}"); }}\n' for name in names))
        compiled = pathlib.Path(scratch, "stand_in.o")
        subprocess.run(["gcc", "-w", "-O0", "-fPIC", "-c", str(source), "-o", str(compiled)], check=True)
        for library in missing:
            # Without symbol versions, which satisfies callers that ask for any.
            subprocess.run(["gcc", "-shared", str(compiled), f"-Wl,-soname,{library}", "-o", str(folder / library)], check=True)
    print(f"stand-ins, {len(names)} functions: {' '.join(missing)}")


if __name__ == "__main__":
    main()
