# Runs /box/main.py as a program, the same way in a fresh interpreter and in a fork of a prepared one ("serve" as the only argument).
#
# What can be made ready before the fork is: a page of memory that the program's process is the first to write to costs as much as running a
# hundred lines, and reading an object writes to its reference count.
import _sitebuiltins
import _thread
import builtins
import posix  # what os is made from: a program that needs os loads it itself
import sys

_MAIN = "/box/main.py"
_main = type(sys)("__main__")


def _prepare():
    builtins.exit = _sitebuiltins.Quitter("exit", "Ctrl-D (i.e. EOF)")
    builtins.quit = _sitebuiltins.Quitter("quit", "Ctrl-D (i.e. EOF)")
    _main.__file__ = _MAIN
    _main.__builtins__ = builtins
    sys.modules["__main__"] = _main
    sys.path[0] = "/box"  # instead of this file's folder, as for any program


def _run(arguments):
    """Runs the program and ends the process. arguments: [seed, program's own ...]."""
    seed, arguments[0] = arguments[0], _MAIN
    sys.argv = arguments
    code, interrupted = 0, False
    try:
        source = _read(_MAIN)
        if b"random" in source:
            import random
            random.seed(int(seed))
        exec(compile(source, _MAIN, "exec", 0, True), _main.__dict__)
    except SystemExit as error:
        code = _exit_code(error.code)
    except BaseException as error:
        code = 1
        interrupted = isinstance(error, KeyboardInterrupt)
        _show(error)
    finally:
        try:
            code = _finish(code, interrupted)
        finally:
            posix._exit(code)


def _read(path):
    source, file = b"", posix.open(path, posix.O_RDONLY | posix.O_CLOEXEC)
    while part := posix.read(file, 1 << 16):
        source += part
    posix.close(file)
    return source


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


def _attempt(step):
    try:
        step()
    except BaseException as error:
        _show(error)


def _finish(code, interrupted):
    # What the interpreter does at its end as far as a program can see it: threads, exit functions, destructors of globals, the last flush.
    threading = sys.modules.get("threading")
    if threading is not None and (_thread._count() > 0 or threading._threading_atexits):
        _attempt(threading._shutdown)
    if "atexit" in sys.modules:
        _attempt(sys.modules["atexit"]._run_exitfuncs)
    _attempt(_main.__dict__.clear)
    for stream in (sys.stdout, sys.stderr):
        try:
            if stream is not None and not stream.closed:
                stream.flush()
        except BaseException:
            code = code or 120
    if interrupted:
        import signal
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        posix.kill(posix.getpid(), signal.SIGINT)
    return code


# Those that programs use most and that take long to load. All memory that is written costs at each fork, used or not.
_PRELOADED = """abc array atexit bisect collections collections.abc copy dataclasses datetime decimal enum fractions functools heapq io itertools json
math operator os random re signal string struct textwrap threading time traceback types typing warnings _sitebuiltins builtins""".split()


def _serve():
    import os
    import ctypes
    import gc
    gc.disable()
    # What modules want done in a forked process is for threads and generators that were in use: it is left out where the program's process is
    # made, and done in forks of that.
    serving, register = True, os.register_at_fork
    def later(function):
        return lambda: None if serving else function()
    os.register_at_fork = lambda **functions: register(**{when: later(function) for when, function in functions.items()})
    for name in _PRELOADED:
        __import__(name)
    os.register_at_fork = register
    _prepare()
    compile("", "", "exec")  # the first one makes hundreds of types
    main_thread = sys.modules["threading"].main_thread()
    library = ctypes.PyDLL("/.cage/cage.so")
    serve = library.cage_serve
    serve.restype = ctypes.py_object
    gc.collect()
    gc.freeze()
    arguments = serve()
    # From here on this is the program's process.
    serving = False
    main_thread._set_native_id()
    gc.enable()
    _run(arguments[arguments.index("/.cage/program.py") + 1:])


if sys.argv[1:] == ["serve"]:
    _serve()
else:
    _prepare()
    _run(sys.argv[1:])
