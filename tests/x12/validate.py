"""Two independent validators over a folder of X12 files, each in an environment of its own:
    validate.py pyx12|linuxforhealth FILE…
Prints one line of JSON a file: {"file", "accepted", "says"}. pyx12 is asked through its API, because the exit codes
of its commands mean nothing."""
import io, json, logging, sys

logging.disable(logging.CRITICAL)


def pyx12_accepts(path):
    import pyx12.params, pyx12.x12n_document
    answer = io.StringIO()
    accepted = pyx12.x12n_document.x12n_document(pyx12.params.params(), path, answer, None)
    refusals = [s for s in answer.getvalue().replace("\n", "").split("~") if s.startswith(("IK3", "IK4", "IK5*R", "AK9*R", "TA1"))]
    return bool(accepted), refusals


def linuxforhealth_accepts(path):
    from linuxforhealth.x12.io import X12ModelReader
    try:
        with X12ModelReader(path) as reader:
            return sum(1 for _ in reader.models()) > 0, []
    except Exception as error:  # it raises validation errors of several kinds
        return False, [str(error)[:600]]


accepts = {"pyx12": pyx12_accepts, "linuxforhealth": linuxforhealth_accepts}[sys.argv[1]]
for path in sys.argv[2:]:
    accepted, says = accepts(path)
    print(json.dumps({"file": path, "accepted": accepted, "says": says}), flush=True)
