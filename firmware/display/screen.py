"""Which view is on the display, and drawing it."""

from bandwire.frames import (
    PAGE_ALERT,
    PAGE_HANDOVER,
    PAGE_HEART,
    PAGE_MANIFEST,
    PAGE_PAUSE,
    PAGE_RAW_SIGNAL,
    PAGE_SELF_TEST,
    PAGE_STANDARD_SERVICES,
)
from display.alert_view import AlertView
from display.code_view import CodeView
from display.consent_view import ConsentView
from display.device_views import CertificationView, IdentityView, StatusView, issuance_views
from display.handover_view import HandoverView
from display.hosts_view import HostsView
from display.passkey_view import PasskeyView
from display.pause_view import PauseView
from display.raw_view import EVERY_S, SHOWN_S, RawSignalView
from display.reading_views import reading_views
from display.services_view import ServicesView


class Screen:
    """The views in the order of the button; a cover, a code, a passkey, an alert, each above those before.

    `version` rises when another view is chosen.
    """

    def __init__(self, canvas, core, manifest, question, identity, radio, hosts):
        """`radio` is None where there is none."""
        self.version = 0
        self._canvas = canvas
        status = core.status
        self._status = status
        self._clock = core.clock
        self._question = question
        self._raw_view = RawSignalView()
        self._drawn = None
        self._alert_view = AlertView(status)
        pairing = None if radio is None else radio.pairing
        self._passkey_view = None if pairing is None else PasskeyView(pairing)
        self.code_view = CodeView(hosts)
        self.hosts_view = HostsView(hosts, core.clock)
        self.views = [ConsentView(manifest, question, core.issued, status, core.handover, core.clock)]
        self.views += reading_views(core.table, core.trends, status)
        self._services_view = ServicesView(status, core.clock, radio)
        self._pause_view = PauseView(status, core.clock)
        self.views += [self._pause_view, StatusView(status), self._services_view, self.hosts_view]
        self.views += [IdentityView(identity), CertificationView(identity)]
        self.views += issuance_views(core.issued)
        self.handover_view = HandoverView(core.handover, core.clock)
        self.views.append(self.handover_view)
        self._at = 0
        self._cover = None

    @property
    def view(self):
        """The view that is shown."""
        if self._status.alert.is_shown:
            return self._alert_view
        if self.is_showing_passkey():
            return self._passkey_view
        if self.code_view.is_wanted:
            return self.code_view
        if self._cover is not None:
            return self._cover
        view = self.views[self._at]
        if self._status.raw_streams and view.readings and self._clock.uptime_s % EVERY_S < SHOWN_S:
            return self._raw_view
        return view

    @property
    def drawn_page(self):
        """The page (PAGE_...) that was drawn last."""
        return self._drawn.page

    @property
    def is_animated(self):
        """Whether what is to be seen may change by passing of time alone."""
        view = self.view
        return view.is_animated or view is not self._drawn

    @property
    def question_version(self):
        """Rises when another sheet of the question is to be shown."""
        return self._question.version

    @property
    def is_prompt(self):
        """Whether somebody waits for the next sheet of the question, while nothing else runs."""
        return self.view.page == PAGE_MANIFEST and not self._status.is_agreed

    def pages(self):
        """All pages that can be drawn (PAGE_...)."""
        return {view.page for view in self.views} | {PAGE_ALERT, PAGE_RAW_SIGNAL, PAGE_SELF_TEST}

    def cover(self, view):
        """Show this view over the others until `uncover`."""
        self._cover = view
        self.version += 1

    def uncover(self, view):
        """Show the chosen view again, if it is this one that covers it."""
        if self._cover is view:
            self._cover = None
            self.version += 1

    @property
    def is_covered(self):
        """Whether a view covers the chosen one."""
        return self._cover is not None

    def next_view(self):
        """Go on to the next view, from the last to the first: the wearer wants it, so that it may ask."""
        self._at = (self._at + 1) % len(self.views)
        self.version += 1
        self.begin_question()

    def show_page(self, page):
        """Go to the first view of a page, which asks nothing; False when there is none to go to."""
        self.end_question()
        if page != PAGE_MANIFEST:
            self._question.close()
        for at in range(len(self.views)):
            if self.views[at].page == page:
                self._at = at
                self.version += 1
                return True
        return False

    def show_first_reading(self):
        """Go to where a wearer who has just agreed wants to be."""
        self.show_page(PAGE_HEART)

    def show_manifest(self):
        """Go to where a wearer agrees."""
        self.show_page(PAGE_MANIFEST)

    def is_on_manifest(self):
        """Whether the manifest page is what the wearer sees."""
        return self.view.page == PAGE_MANIFEST

    def is_asking_for_services(self):
        """Whether what the wearer sees asks to turn the standard services on, or off."""
        return self.view.page == PAGE_STANDARD_SERVICES and self._services_view.is_asking()

    def is_asking_to_pause(self):
        """Whether what the wearer sees asks to pause, or to go on."""
        return self.view.page == PAGE_PAUSE and self._pause_view.is_asking()

    def is_asking_for_hosts(self):
        """Whether what the wearer sees asks to let a host in, or to forget all."""
        return self.view is self.hosts_view and self.hosts_view.is_asking()

    def is_showing_code(self):
        """Whether a host that pairs has something for the wearer to see, and nothing lies over it."""
        return self.view is self.code_view

    def is_asking_to_wipe(self):
        """Whether what the wearer sees asks to hold the button to wipe the band."""
        return self.view.page == PAGE_HANDOVER and self.handover_view.is_asking()

    def is_showing_passkey(self):
        """Whether a host that pairs wants one."""
        return self._passkey_view is not None and self._passkey_view.pairing.passkey != 0

    def refuse_passkey(self):
        """The wearer does not want that host."""
        self._passkey_view.pairing.passkey = 0
        self.version += 1

    def begin_question(self):
        """Let the view that the wearer sees ask, when it was read."""
        self._services_view.begin_question()
        self._pause_view.begin_question()
        self.hosts_view.begin_question()
        self.handover_view.begin_question()

    def end_question(self):
        """Ask no more before the wearer comes to that page again."""
        self._services_view.end_question()
        self._pause_view.end_question()
        self.hosts_view.end_question()
        self.handover_view.end_question()

    def draw(self):
        """Draw the view anew; gives the canvas's buffer. What covers a question ends it."""
        view = self._drawn = self.view
        if view is not self._services_view:
            self._services_view.end_question()
        if view is not self._pause_view:
            self._pause_view.end_question()
        if view is not self.hosts_view:
            self.hosts_view.end_question()
        if view is not self.handover_view:
            self.handover_view.end_question()
        self._canvas.clear()
        view.draw(self._canvas)
        return self._canvas.buffer
