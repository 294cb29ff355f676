#!/usr/bin/python3
"""Leaves a version whose boot hangs before "health" begins to judge it: no unit has failed, and the wait for one has no end.

By a timer, once a boot. A version that was healthy here stays, however long its boot takes: a check of a large disk takes hours.
"""

import rescue
import system


def main():
    judged = system.run("systemctl", "show", "appliance-health.service", "--property=ActiveState", "--value").strip()
    # With "activating" it has a limit of its own.
    if judged == "inactive":
        rescue.reach_notes()
        if not rescue.may_stay():
            print(f"Penstock {system.version()} in slot {system.slot()} hangs, and never was healthy here: the machine boots into the other slot.", flush=True)
            rescue.again()


if __name__ == "__main__":
    main()
