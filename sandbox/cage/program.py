# Runs /box/main.py as a program, the same way in a fresh interpreter and in a fork of a prepared one ("serve" as the only argument).
import sys


def run(arguments):
    """Runs the program and ends the process. arguments: [seed, program's own ...]."""
    import os
    seed, sys.argv = arguments[0], ["/box/main.py"] + arguments[1:]
    sys.path[0] = "/box"  # instead of this file's folder, as for any program
    import builtins
    import _sitebuiltins
    builtins.exit = _sitebuiltins.Quitter("exit", "Ctrl-D (i.e. EOF)")
    builtins.quit = _sitebuiltins.Quitter("quit", "Ctrl-D (i.e. EOF)")
    code, interrupted = 0, False
    main = type(sys)("__main__")
    main.__file__ = "/box/main.py"
    main.__builtins__ = builtins
    sys.modules["__main__"] = main
    try:
        with open("/box/main.py", "rb") as file:
            source = file.read()
        if b"random" in source:
            import random
            random.seed(int(seed))
        exec(compile(source, "/box/main.py", "exec", dont_inherit=True), main.__dict__)
    except SystemExit as error:
        code = _exit_code(error.code)
    except BaseException as error:
        code = 1
        interrupted = isinstance(error, KeyboardInterrupt)
        _show(error)
    finally:
        try:
            code = _finish(main, code, interrupted)
        finally:
            os._exit(code)


def _exit_code(value):
    if value is None:
        return 0
    if isinstance(value, int):
        return int(value) & 0xFF
    try:
        print(value, file=sys.stderr)
    except BaseException:
        pass
    return 1


def _show(error):
    # Without the frames of this file.
    trace = error.__traceback__
    trace = trace.tb_next if trace is not None else None
    try:
        error = error.with_traceback(trace)
        sys.excepthook(type(error), error, trace)
    except BaseException:
        pass


def _finish(main, code, interrupted):
    # What the interpreter does at its end as far as a program can see it: threads, exit functions, destructors of globals, the last flush.
    def attempt(step):
        try:
            step()
        except BaseException as error:
            _show(error)
    if "threading" in sys.modules:
        attempt(sys.modules["threading"]._shutdown)
    if "atexit" in sys.modules:
        attempt(sys.modules["atexit"]._run_exitfuncs)
    attempt(main.__dict__.clear)
    for stream in (sys.stdout, sys.stderr):
        try:
            if stream is not None and not stream.closed:
                stream.flush()
        except BaseException:
            code = code or 120
    if interrupted:
        import signal
        import os
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGINT)
    return code


def _serve():
    import os
    import ctypes
    import gc
    gc.disable()
    for name in ("abc argparse array atexit base64 bisect collections collections.abc copy dataclasses datetime decimal enum fractions functools "
                 "heapq io itertools json math operator os random re signal socket string struct subprocess tempfile textwrap threading time "
                 "traceback types typing warnings _sitebuiltins builtins").split():
        __import__(name)
    library = ctypes.PyDLL("/.cage/cage.so")
    serve = library.cage_serve
    serve.restype = ctypes.POINTER(ctypes.c_char_p)
    gc.collect()
    gc.freeze()
    strings = serve()
    # From here on this is the program's process.
    gc.enable()
    _own_streams()
    arguments = []
    while strings[len(arguments)] is not None:
        arguments.append(strings[len(arguments)])
    arguments = [os.fsdecode(argument) for argument in arguments]
    run(arguments[arguments.index(sys.argv[0]) + 1:])


def _own_streams():
    # The descriptors have changed since the interpreter looked at them.
    import io
    def stream(old, mode, newline):
        raw = open(old.fileno(), mode, -1, closefd=False)
        new = io.TextIOWrapper(raw, encoding=old.encoding, errors=old.errors, newline=newline, line_buffering=old.line_buffering)
        new.mode = mode[0]
        return new
    sys.stdin = sys.__stdin__ = stream(sys.stdin, "rb", None)
    sys.stdout = sys.__stdout__ = stream(sys.stdout, "wb", "\n")
    sys.stderr = sys.__stderr__ = stream(sys.stderr, "wb", "\n")


if sys.argv[1:] == ["serve"]:
    _serve()
else:
    run(sys.argv[1:])
