"""One blueprint for each concern."""

from station.web.views import program_files, program_length  # noqa: F401  more addresses of the blueprint of programs
from station.web.views.account import account
from station.web.views.announcers import announcers
from station.web.views.api import api
from station.web.views.approvals import approvals
from station.web.views.auth import auth
from station.web.views.bulletins import bulletins
from station.web.views.corners import corners
from station.web.views.emergency import emergency
from station.web.views.health import health
from station.web.views.help import help_pages
from station.web.views.home import home
from station.web.views.lexicon import lexicon
from station.web.views.listen import listen
from station.web.views.log import log
from station.web.views.program_templates import templates
from station.web.views.programs import programs
from station.web.views.proofread import proofread
from station.web.views.reports import reports
from station.web.views.schedule_days import schedule
from station.web.views.settings import settings
from station.web.views.setup import setup
from station.web.views.sounds import sounds
from station.web.views.talk import talk
from station.web.views.users import users
from station.web.views.voices import voices

BLUEPRINTS = (
    account, announcers, api, approvals, auth, bulletins, corners, emergency, health, help_pages, home, lexicon, listen, log,
    programs, proofread, reports, schedule, settings, setup, sounds, talk, templates, users, voices,
)
