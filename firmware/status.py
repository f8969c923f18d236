"""What the band knows of itself, apart from readings: for its display and its answers."""

from bandwire.frames import ALERT_LEVEL_CLEAR, NO_VALUE


class Alert:
    """The alert that is shown, until somebody has seen it."""

    def __init__(self):
        self.is_shown = False
        self.alert_id = 0
        self.level = ALERT_LEVEL_CLEAR
        self.cause = 0
        self.reading_id = 0
        self.score = 0
        self.raw_value = NO_VALUE


class Status:
    """One place for it; `version` rises with every change that a view could show."""

    def __init__(self):
        self.version = 0
        self.alert = Alert()
        self.is_agreed = False
        self.agreed_groups = 0
        self.paused_until_s = 0
        """Uptime at which a pause ends; 0 while there is none."""
        self.raw_streams = 0
        self.is_open_to_apps = False
        self.is_link_up = False
        self.updates_per_frame = 1
        self.is_charging = False
        self.is_battery_low = False
        self.boot_id = 0
        self.drops = 0
        self.faulty_parts = 0

    def touch(self):
        """Say that something has changed."""
        self.version += 1

    def set_fault(self, part, is_faulty):
        """Remember whether a part (PART_...) works."""
        if is_faulty:
            self.faulty_parts |= 1 << part
        else:
            self.faulty_parts &= ~(1 << part)
        self.touch()

    def has_fault(self, part):
        """Whether a part is known not to work."""
        return bool(self.faulty_parts >> part & 1)

    def show_alert(self, fields):
        """Take an alert by its fields in the order of the frame."""
        alert = self.alert
        alert.alert_id, alert.level, alert.cause, alert.reading_id, alert.score, alert.raw_value = fields
        alert.is_shown = alert.level != ALERT_LEVEL_CLEAR
        self.touch()

    def clear_alert(self):
        """Take the alert off the display."""
        self.alert.is_shown = False
        self.touch()
