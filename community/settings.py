"""The one settings file: every environment variable is read here and nowhere else.

A mode says which kind of Hearth this is: `development` (the default), `demo`, `test` or `production` (the default as soon as
DATABASE_URL is set). Everything has a safe default except in production, which names what is missing and stops.
"""

import hashlib
import json
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _
from environs import Env

from community import database
from community.database import cluster

env = Env()
BASE_DIR = Path(__file__).resolve().parent.parent

# What kind of Hearth this is -------------------------------------------------

DATABASE_URL = env.str("DATABASE_URL", "")
DATABASE_OWNER_URL = env.str("DATABASE_OWNER_URL", "")
MODE = env.str("HEARTH_MODE", "production" if DATABASE_URL else "development")
if MODE not in {"development", "demo", "test", "production"}:
    raise ImproperlyConfigured(f"HEARTH_MODE is “{MODE}”; use development, demo, test or production.")
DEMO = MODE == "demo"
PRODUCTION = MODE == "production"
DEBUG = False
STATE_DIR = Path(env.str("HEARTH_STATE_DIR", str(BASE_DIR / ".hearth")))


def _kept_keys() -> dict[str, str]:
    """The keys that `./run demo` made for itself; production never reads them."""
    try:
        return json.loads((STATE_DIR / "keys.json").read_text())
    except (FileNotFoundError, NotADirectoryError, PermissionError):
        return {}


# Development and tests may run without keys of their own: these open nothing that matters.
_PLAY_KEYS = {
    "SECRET_KEY": "development-only-" + "0" * 48,
    "IDENTITY_TAG_KEY": "00" * 32,
    "IDENTITY_SEAL_KEY": "8f40c5adb68f25624ae5b214ea767a6ec94d829d3d7b5e1ad1ba6f3e2138285f",
    "IDENTITY_OPEN_KEY": "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
}
_keys = {} if PRODUCTION else _PLAY_KEYS | (_kept_keys() if MODE in {"demo", "development"} else {})

SECRET_KEY = env.str("SECRET_KEY", _keys.get("SECRET_KEY", ""))
IDENTITY_TAG_KEY = env.str("IDENTITY_TAG_KEY", _keys.get("IDENTITY_TAG_KEY", ""))
IDENTITY_SEAL_KEY = env.str("IDENTITY_SEAL_KEY", _keys.get("IDENTITY_SEAL_KEY", ""))
# Read by the worker alone: the process that serves pages can find and seal, never open.
IS_WORKER = env.bool("HEARTH_WORKER", False)
IDENTITY_OPEN_KEY = env.str("IDENTITY_OPEN_KEY", _keys.get("IDENTITY_OPEN_KEY", "")) if IS_WORKER or MODE == "test" else ""
HAS_OPEN_KEY = bool(env.str("IDENTITY_OPEN_KEY", ""))
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", [] if PRODUCTION else ["localhost", "127.0.0.1", "[::1]"])

if PRODUCTION:
    _needed = {
        "SECRET_KEY": SECRET_KEY,
        "DATABASE_URL": DATABASE_URL,
        "ALLOWED_HOSTS": ALLOWED_HOSTS,
        "IDENTITY_TAG_KEY": IDENTITY_TAG_KEY,
        "IDENTITY_SEAL_KEY": IDENTITY_SEAL_KEY,
    }
    if IS_WORKER:
        _needed["IDENTITY_OPEN_KEY"] = IDENTITY_OPEN_KEY
    if _missing := [name for name, value in _needed.items() if not value]:
        raise ImproperlyConfigured(
            f"set {', '.join(_missing)} in the environment first. "
            "`./run keys` makes the keys; the README says what each variable is for."
        )

# The place and its name ------------------------------------------------------

SITE_NAME = env.str("SITE_NAME", "Hearth")
# Addresses in mail come from here, never from the request's Host header.
SITE_URL = env.str("SITE_URL", f"https://{ALLOWED_HOSTS[0]}" if PRODUCTION else "http://127.0.0.1:8000").rstrip("/")
SECURE = SITE_URL.startswith("https://")
QUICK_EXIT_URL = env.str("QUICK_EXIT_URL", "https://www.bbc.co.uk/weather")
MINIMUM_AGE = max(18, env.int("MINIMUM_AGE", 18))
SOURCE_URL = env.str("SOURCE_URL", "")


def _release() -> str:
    """A digest of what pages are made of: names, and the programs, templates and styles on the disk with their times."""
    kinds = {".css", ".html", ".js", ".mo", ".py", ".svg", ".toml"}
    folders = (BASE_DIR / name for name in ("community", "forums", "static", "templates"))
    files = sorted(file for folder in folders for file in folder.rglob("*") if file.suffix in kinds)
    digest = hashlib.sha256(f"{SITE_NAME} {QUICK_EXIT_URL} {SOURCE_URL}".encode())
    for file in files:
        found = file.stat()
        digest.update(f"{file} {found.st_size} {found.st_mtime_ns}\n".encode())
    return digest.hexdigest()[:16]


# Part of every kept page's validator, so that a new release is seen at once.
RELEASE = _release()

# Who started this process marks it, to know its own answers from those of a stranger on the same port.
RUN = env.str("HEARTH_RUN", "")

# Apps, from the foundation up ------------------------------------------------

INSTALLED_APPS = [
    "community.apps.CommunityConfig",
    "community.identity",
    "community.audit",
    "community.notifications",
    "community.decisions",
    "community.members",
    "community.care",
    "community.tags",
    "community.contributions",
    "community.moderation",
    "forums",
    "resources",
    "mentorship",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "django.forms",
    "community.apps.HearthAdminConfig",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "csp",
    "pgtrigger",
    "procrastinate.contrib.django",
    "taggit",
]

MIDDLEWARE = [
    "community.care.middleware.HelpFirst",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "community.middleware.CleanInput",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "community.middleware.Visitors",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "community.middleware.PrivateByDefault",
]
if MODE == "test":
    # A query for each row of a list fails the test that opened the page.
    INSTALLED_APPS.append("zeal")
    MIDDLEWARE.insert(0, "zeal.middleware.zeal_middleware")
ROOT_URLCONF = "community.urls"
WSGI_APPLICATION = "community.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "community.context.site",
            ],
        },
    }
]

# The database: two roles, one PostgreSQL -------------------------------------

DATABASE_ROLE = env.str("DATABASE_ROLE", "web")
WEB_THREADS = env.int("WEB_THREADS", 4)


def _database() -> dict[str, object]:
    # What `community.prepared` asks is planned once for each connection; nothing else is bound on the server. Tests count
    # statements, and one that is prepared leaves no trace to count.
    options: dict[str, object] = {"prepare_threshold": None if MODE == "test" else 2}
    # One plan for all values, else PostgreSQL makes a new one (up to 3 ms) each time it takes that for cheaper.
    # And so much of a word has to be right for it to be found all the same: with the usual 0.6 “brething” is not “breathing”.
    options["options"] = "-c plan_cache_mode=force_generic_plan -c pg_trgm.word_similarity_threshold=0.5"
    if MODE != "test" and DATABASE_ROLE == "web":
        options["pool"] = {"min_size": 2, "max_size": WEB_THREADS + 2, "timeout": 2}
    base: dict[str, object] = {
        "ENGINE": "django.db.backends.postgresql",
        "OPTIONS": options,
        "CONN_MAX_AGE": 0,
        "CONN_HEALTH_CHECKS": True,
        # allauth sends its mail outside any transaction; with this the outbox row commits with its cause.
        "ATOMIC_REQUESTS": True,
    }
    if DATABASE_URL:
        url = urlsplit(DATABASE_OWNER_URL if DATABASE_ROLE == "owner" and DATABASE_OWNER_URL else DATABASE_URL)
        if url.scheme not in {"postgres", "postgresql"}:
            raise ImproperlyConfigured("DATABASE_URL must begin with postgresql://")
        # What follows the question mark is PostgreSQL's own: sslmode=verify-full, or host=/run/postgresql for a socket.
        more = dict(parse_qsl(url.query))
        host = more.pop("host", unquote(url.hostname or ""))
        return base | {
            "NAME": unquote(url.path.lstrip("/")),
            "USER": unquote(url.username or ""),
            "PASSWORD": unquote(url.password or ""),
            "HOST": host,
            "PORT": more.pop("port", str(url.port or "")),
            "OPTIONS": options | more,
        }
    return base | {
        "NAME": env.str("HEARTH_DATABASE", "hearth"),
        "USER": "hearth_owner" if DATABASE_ROLE == "owner" else "hearth_web",
        "HOST": env.str("HEARTH_DATABASE_HOST", str(cluster("test" if MODE == "test" else "main", STATE_DIR).socket_dir)),
        "PORT": str(database.PORT),
    }


DATABASES = {"default": _database()}
# Migrations grant and revoke for this role.
WEB_ROLE = unquote(urlsplit(DATABASE_URL).username or "") if DATABASE_URL else "hearth_web"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "community_cache",
        "OPTIONS": {"MAX_ENTRIES": 100_000},
        # Keys name nobody: what is counted per member or network is counted under a tag.
        "KEY_FUNCTION": "community.members.devices.cache_key",
    }
}

# Members and how they sign in ------------------------------------------------

AUTH_USER_MODEL = "members.User"
AUTHENTICATION_BACKENDS = ["community.members.backends.MemberBackend"]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
if MODE == "test":
    PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 8}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "community.members.passwords.NotAboutThisPlace"},
]

ACCOUNT_ADAPTER = "community.members.adapters.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "email*", "password1*"]
ACCOUNT_SIGNUP_FORM_CLASS = "community.members.forms.JoinForm"
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_RESEND = True
# Offered to fresh accounts only, a change would tell whether the address has an account already.
ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_CHANGE = False
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_SUPPORTS_RESEND = True
ACCOUNT_PASSWORD_RESET_BY_CODE_ENABLED = True
# Mail is slow and so are tired people: allauth's three minutes would expire codes that are being typed.
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = ACCOUNT_PASSWORD_RESET_BY_CODE_TIMEOUT = 15 * 60
# Wrong passwords are counted by network, and by account together with its network or known device (members/devices.py):
# a guesser waits longer and longer, and nobody's guessing keeps the member out elsewhere. Codes by mail stay open.
DOOR_LIMITS = ACCOUNT_RATE_LIMITS = {
    "login": "60/m/ip",
    "login_failed": "5/m/key,10/15m/key,40/d/key,50/15m/ip",
    "request_login_code": "20/m/ip,3/m/key",
    "reset_password": "20/m/ip",
    # Nobody's letterbox is filled from here: what one network has sent to one address, and one member to new ones. How many
    # mails that may be in an hour is for owners to say, and so is how many reports in a day (`devices.may_go_on`).
    "mail_somebody": "3/m/key",
    "manage_email": "5/m/user,20/d/user",
    # What one member, or one guest's network, can ask to have looked at.
    "report": "6/m/key",
    # How often one member takes a copy of what is theirs.
    "export": "3/m/key",
}
ACCOUNT_PREVENT_ENUMERATION = "strict"
ACCOUNT_PRESERVE_USERNAME_CASING = True
ACCOUNT_UNIQUE_EMAIL = True
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False
ACCOUNT_LOGOUT_REDIRECT_URL = "home"
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if SECURE else "http"
# Serving for real means behind one proxy, which speaks HTTPS and says where each visitor comes from.
ALLAUTH_TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXY_COUNT", 1 if PRODUCTION else 0)
MFA_ADAPTER = "community.members.adapters.MFAAdapter"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes", "webauthn"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not SECURE
MFA_TOTP_ISSUER = SITE_NAME
USERSESSIONS_TRACK_ACTIVITY = False
# allauth's forms in our words.
ACCOUNT_FORMS = {
    "login": "community.members.signing_in.LogIn",
    "signup": "community.members.signing_in.Join",
    "add_email": "community.members.signing_in.AddEmail",
    "change_password": "community.members.signing_in.ChangePassword",
    "set_password": "community.members.signing_in.SetPassword",
    "reset_password": "community.members.signing_in.ResetPassword",
    "reset_password_from_key": "community.members.signing_in.ResetPasswordNow",
    "reauthenticate": "community.members.signing_in.Reauthenticate",
    "request_login_code": "community.members.signing_in.RequestLoginCode",
    "confirm_login_code": "community.members.signing_in.ConfirmLoginCode",
    "confirm_email_verification_code": "community.members.signing_in.ConfirmEmailCode",
    "confirm_password_reset_code": "community.members.signing_in.ConfirmResetCode",
}
MFA_FORMS = {
    "authenticate": "community.members.signing_in.Authenticate",
    "reauthenticate": "community.members.signing_in.ReauthenticateByCode",
    "activate_totp": "community.members.signing_in.ActivateTOTP",
    "add_webauthn": "community.members.signing_in.AddPasskey",
    "edit_webauthn": "community.members.signing_in.EditPasskey",
    "authenticate_webauthn": "community.members.signing_in.SecondStepByPasskey",
    "login_webauthn": "community.members.signing_in.LogInByPasskey",
    "reauthenticate_webauthn": "community.members.signing_in.ReauthenticateByPasskey",
}

# Browsers --------------------------------------------------------------------

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "worker-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "object-src": [NONE],
        "frame-ancestors": [NONE],
    }
}
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_NAME = "__Host-session" if SECURE else "session"
CSRF_COOKIE_NAME = "__Host-csrf" if SECURE else "csrf"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_ENGINE = "community.members.sessions"
SESSION_COOKIE_AGE = 60 * 60 * 24 * 30
CSRF_FAILURE_VIEW = "community.contributions.views.csrf_failure"
CSRF_TRUSTED_ORIGINS = [SITE_URL]
MESSAGE_STORAGE = "django.contrib.messages.storage.cookie.CookieStorage"
if SECURE:
    SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", True)
    SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
    SECURE_HSTS_SECONDS = env.int("HSTS_SECONDS", 60 * 60 * 24 * 365)
    SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = True
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
# Bodies up to 2 MB are answered with their text; above that a 413.
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 200

# Words, times, files ---------------------------------------------------------

# Plain "en": every text in "en-gb" is looked for in one catalogue after the other. British dates come with the formats.
LANGUAGE_CODE = "en"
FORMAT_MODULE_PATH = ["community.formats"]
LANGUAGES = [("en", _("English"))]
TIME_ZONE = env.str("TIME_ZONE", "Europe/London")
STATIC_URL = "/static/"
STATIC_ROOT = STATE_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "community.storage.HearthStaticFiles"},
}
if MODE in {"development", "test"}:
    STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    WHITENOISE_USE_FINDERS = True
    WHITENOISE_AUTOREFRESH = MODE == "development"
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

# Mail: one back end for all of it, allauth's included ------------------------

EMAIL_BACKEND = "community.notifications.mail.OutboxBackend"
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", f"{SITE_NAME} <hello@{urlsplit(SITE_URL).hostname}>")
# Where the worker hands mail on: a folder in the demo and in development, SMTP elsewhere.
MAIL_FOLDER = None if PRODUCTION else STATE_DIR / "mail"
MAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend" if PRODUCTION else "community.notifications.mail.FolderBackend"
EMAIL_HOST = env.str("SMTP_HOST", "localhost")
EMAIL_PORT = env.int("SMTP_PORT", 587)
EMAIL_HOST_USER = env.str("SMTP_USER", "")
EMAIL_HOST_PASSWORD = env.str("SMTP_PASSWORD", "")
EMAIL_USE_TLS = env.bool("SMTP_STARTTLS", True)
EMAIL_USE_SSL = env.bool("SMTP_TLS", False)
EMAIL_TIMEOUT = 20
# Mail about news waits a random while, so that its time does not tell the time of a post. Other mail never waits.
ACTIVITY_MAIL_JITTER_SECONDS = 240 if PRODUCTION else 0

# Logs hold no post text, no address and never a member together with a post --

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "plain": {"()": "community.logs.WithoutDetail", "format": "{asctime} {levelname} {name} {message}", "style": "{"}
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {
        "django.request": {"level": "ERROR", "handlers": ["console"], "propagate": False},
        # Anybody may send a wrong host or a body without end; that is answered, and is no news.
        "django.security.DisallowedHost": {"level": "CRITICAL"},
        "django.security.RequestDataTooBig": {"level": "CRITICAL"},
        "procrastinate": {"level": "WARNING"},
        # A warning for every try; what asked for the connection says it once.
        "psycopg.pool": {"level": "ERROR"},
    },
}
if MODE == "test":
    ACCOUNT_RATE_LIMITS = False
    CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    # Django and allauth read these rows more than once by themselves.
    # Content types are kept in memory, one look-up each.
    ZEAL_ALLOWLIST = [{"model": name} for name in ("sessions.Session", "account.EmailAddress", "contenttypes.ContentType")]
