"""What a band's refusal of a secure session means, by whose fault it is, and what to do."""

from bandschema.session_enums import Refusal

_AGAIN = "try again"

SESSION_REFUSALS = {
    Refusal.SECURE_ONLY: "the band takes part in secure sessions only: leave out `secure=False`",
    Refusal.MALFORMED: "the handshake failed: bytes were changed on their way, or what answers has not our "
    "keys; " + _AGAIN,
    Refusal.EXPIRED: "the handshake took too long: the link is bad, or the band is busy; " + _AGAIN,
    Refusal.FORGED: "three records in a row were forged: somebody disturbs the link",
    Refusal.FORGOTTEN: "the band was told to forget this computer, or was wiped: `vitalband pair` it again",
}
"""Of a session that is to be resumed, or was live."""

PAIRING_REFUSALS = {
    Refusal.NO_WINDOW: "the band lets nobody in now: the wearer opens that at the band, on its page of "
    "hosts; a band that has an owner wants the owner's leave before (`vitalband hosts URL --let-in reader`)",
    Refusal.NO_TRIES: "the band lets nobody in any more in this window, as three have tried: open "
    "another one; if the other two were not you, somebody else tries to pair",
    Refusal.NO_SLOT: "the band knows four hosts, which is all it can: have it forget one "
    "(`vitalband hosts URL --forget NUMBER`)",
    Refusal.NOT_STORED: "the band could not store the key: its memory fails",
    Refusal.MALFORMED: "the handshake failed: bytes were changed on their way; " + _AGAIN,
    Refusal.EXPIRED: "nobody typed the code, or pressed the band's button, within a minute; " + _AGAIN,
    Refusal.DECLINED: "the wearer refused at the band",
    Refusal.WRONG_CODE: "that is not the code that both sides have computed: a slip, or somebody stands "
    "between this computer and the band. Nothing is paired; try again, and not here if it happens twice",
    Refusal.CLEAR_ONLY: "the band knows no secure sessions: its firmware is older, or made for development",
    Refusal.FORGED: SESSION_REFUSALS[Refusal.FORGED],
}
"""Of a pairing."""


def told_session(refusal: int) -> str:
    """Why there is no session, or no longer."""
    return _told(SESSION_REFUSALS, refusal)


def told_pairing(refusal: int) -> str:
    """Why no pairing came about."""
    return _told(PAIRING_REFUSALS, refusal)


def _told(texts: "dict[Refusal, str]", refusal: int) -> str:
    for known, text in texts.items():
        if known == refusal:
            return text
    return f"the band refused for a reason that is not expected here ({refusal})"
