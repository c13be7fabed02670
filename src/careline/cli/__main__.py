"""`python -m careline.cli`, which the supervisor uses to start its members."""

import sys

from careline.cli import main

sys.exit(main())
