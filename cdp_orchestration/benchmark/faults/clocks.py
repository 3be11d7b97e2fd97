"""A wrong clock: a sync a month back and a month ahead, then the clock set right.

The clock is another one for the whole process and all that it starts: a small library, compiled here, stands between it
and the C library's ``clock_gettime``, ``gettimeofday`` and ``time``, so that Python, DuckDB and SQLite are asked the
same. What the system itself stamps (the times of files) stays right.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from cdp_orchestration.benchmark.faults.homes import FaultHomes, Tally, live_release_id

_MONTH_SECONDS = 30 * 86_400
_SHIFTED = {"a month back": -_MONTH_SECONDS, "a month ahead": _MONTH_SECONDS}
_NEXT_DROP = 2

_LIBRARY = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdlib.h>
#include <sys/time.h>
#include <time.h>

static time_t shift(void) {
    static time_t seconds;
    static int is_known;
    if (!is_known) {
        const char *text = getenv("CDP_FAULT_CLOCK_SECONDS");
        seconds = text ? atol(text) : 0;
        is_known = 1;
    }
    return seconds;
}
static int asked(clockid_t id, struct timespec *t) {
    static int (*real)(clockid_t, struct timespec *);
    if (!real) real = dlsym(RTLD_NEXT, "clock_gettime");
    return real(id, t);
}
int clock_gettime(clockid_t id, struct timespec *t) {
    int failed = asked(id, t);
    if (!failed && (id == CLOCK_REALTIME || id == CLOCK_REALTIME_COARSE)) t->tv_sec += shift();
    return failed;
}
int gettimeofday(struct timeval *restrict t, void *restrict zone) {
    struct timespec now;
    (void)zone;
    if (clock_gettime(CLOCK_REALTIME, &now)) return -1;
    if (t) { t->tv_sec = now.tv_sec; t->tv_usec = now.tv_nsec / 1000; }
    return 0;
}
time_t time(time_t *t) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (t) *t = now.tv_sec;
    return now.tv_sec;
}
/* A wait until a time is the system's, which knows nothing of the shift; one by the other clock is far from it. */
static struct timespec right(const struct timespec *until) {
    struct timespec found = *until, now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (llabs((long long)until->tv_sec - now.tv_sec) < 86400) found.tv_sec -= shift();
    return found;
}
int pthread_cond_timedwait(pthread_cond_t *restrict c, pthread_mutex_t *restrict m, const struct timespec *restrict t) {
    static int (*real)(pthread_cond_t *, pthread_mutex_t *, const struct timespec *);
    struct timespec until = right(t);
    if (!real) real = dlvsym(RTLD_NEXT, "pthread_cond_timedwait", "GLIBC_2.3.2");
    if (!real) real = dlsym(RTLD_NEXT, "pthread_cond_timedwait");
    return real(c, m, &until);
}
int sem_timedwait(sem_t *restrict s, const struct timespec *restrict t) {
    static int (*real)(sem_t *, const struct timespec *);
    struct timespec until = right(t);
    if (!real) real = dlsym(RTLD_NEXT, "sem_timedwait");
    return real(s, &until);
}
"""


def set_clocks_wrong(homes: FaultHomes) -> Tally:
    """Sync a delivery by a wrong clock, set it right, look at all commands, and sync the next one.

    Args:
        homes: the homes.

    Returns:
        The count; a remark where no C compiler is there.
    """
    tally = Tally("sync by a wrong clock, which is set right afterwards")
    library = _compiled(homes.folder)
    if library is None:
        tally.remark = "not tried: no Linux, or no C compiler"
        return tally
    tally.remark = "the clock of all processes of the command; the times of files stay right"
    for name, seconds in _SHIFTED.items():
        home = homes.waiting("clock")
        tally.note(name, _strike(homes, home, library, seconds))
        homes.drop(home)
    return tally


def _strike(homes: FaultHomes, home: Path, library: Path, seconds: int) -> list[str]:
    before = live_release_id(home)
    synced = _cdp(home, library, seconds, "sync")
    if synced.returncode != 0:
        return [f"the sync failed: {synced.stderr.strip().splitlines()[-1:]}"]
    at_the_wrong_time = live_release_id(home)
    found = [] if at_the_wrong_time > before else [f"{at_the_wrong_time} is not after {before}"]
    # By the right clock: nothing is new, and no release is lost
    found += homes.after_sync(home)
    homes.deliver_more(home, _NEXT_DROP)
    homes.require(home, "sync")
    found += [f"{each} is gone" for each in (before, at_the_wrong_time) if not (home / "releases" / each).exists()]
    if live_release_id(home) <= at_the_wrong_time:
        found.append(f"{live_release_id(home)} is not after {at_the_wrong_time}")
    return [*found, *homes.problems(home)]


def _compiled(folder: Path) -> Path | None:
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None or sys.platform != "linux":
        return None
    source, library = folder / "wrong_clock.c", folder / "wrong_clock.so"
    source.write_text(_LIBRARY, encoding="utf-8")
    made = [compiler, "-O2", "-shared", "-fPIC", "-o", str(library), str(source), "-ldl", "-lpthread"]
    subprocess.run(made, check=True)  # noqa: S603 - no shell
    return library


def _cdp(home: Path, library: Path, seconds: int, *arguments: str) -> "subprocess.CompletedProcess[str]":
    environment = {**os.environ, "CDP_HOME": str(home), "COLUMNS": "200"}
    environment |= {"LD_PRELOAD": str(library), "CDP_FAULT_CLOCK_SECONDS": str(seconds)}
    environment.pop("DAGSTER_HOME", None)
    command = [str(Path(sys.executable).parent / "cdp"), *arguments]
    return subprocess.run(  # noqa: S603 - the project's own command, no shell
        command, env=environment, cwd=home.parent, capture_output=True, text=True, check=False
    )
