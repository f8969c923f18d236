"""The words of the sheet in English; `chinese` has the same keys."""

WORDS: dict[str, str] = {
    "language": "en",
    "title": "What this band collects",
    "lead": "{model} ({hardware}) by {maker}, firmware {firmware}. Certification: {certification}. All of this sheet is "
    "made from what the band states of itself. It is not a medical device.",
    "certification_none": "none",
    "certification_not_told": "not told",
    "sure_digest": "Firmware, SHA-256",
    "sure_manifest": "List of what it collects, digest",
    "and": ", ",
    "colon": ": ",
    # Who asks
    "who": "Who asks you to wear it",
    "who_nobody": "No notice given: the band names nobody who asks for the wearing.",
    "issuer": "Who asks",
    "contact": "How to reach them",
    "purpose": "What for",
    "notice": "Where the full notice can be read",
    "may_refuse": "May you refuse without disadvantage",
    "on_refusal": "What happens if you refuse",
    "from": "From",
    "until": "Until",
    "yes": "yes",
    "no": "no",
    "no_notice": "no notice given",
    # What
    "what": "What it collects",
    "what_note": "Before you agree on the band itself, nothing is measured and nothing of this is sent. Each reading "
    "has a page on the band's display, so that you can look at what is sent. A group is what you agree to.",
    "what_raw": "The raw signal is every single sample of a sensor. It is sent only while you have agreed to it and a "
    "connected phone or computer asks for it, and the pages of the band say so meanwhile.",
    "head_name": "what",
    "head_group": "group",
    "head_page": "page on the band",
    "head_interval": "how often",
    "head_kept": "kept on the band at most",
    "head_recipients": "who gets it",
    "raw": "{name}, raw signal",
    "every_s": "every {number} s",
    "times_a_second": "{number} times a second",
    "hours": "{number} hours",
    "not_kept": "not kept",
    "group_pulse": "pulse",
    "group_breathing": "breathing",
    "group_oxygen": "oxygen",
    "group_motion": "motion",
    "group_temperature": "temperature",
    "group_blood_pressure": "blood pressure",
    "group_sleep": "sleep",
    "group_raw_optical": "raw light signal",
    "group_raw_motion": "raw motion signal",
    "group_device": "state of the band",
    "group_standard_services": "other apps",
    "page_manifest": "what it collects",
    "page_heart": "heart",
    "page_breathing": "breathing",
    "page_oxygen": "oxygen",
    "page_temperature": "temperature",
    "page_motion": "motion",
    "page_blood_pressure": "blood pressure",
    "page_sleep": "sleep",
    "page_status": "status",
    "recipient_wearer": "you",
    "recipient_host": "phone or computer",
    "recipient_issuer": "who asks you to wear it",
    # What else
    "else": "What else is sent",
    "else_note": "Every message of the band belongs to one of these classes. No message of another class than the first "
    "two can hold a reading.",
    "data_readings": "Readings of the table above, and the numbers of alerts.",
    "data_waveforms": "Raw signals of the table above.",
    "data_consent": "That you agreed or stopped, when, and to what.",
    "data_events": "That the band was put on or taken off, that its button was pressed, that it is charged or low, and "
    "that a part failed or recovered.",
    "data_device": "Who made the band, its serial number, its firmware, this list, how its parts do in a self-test, and "
    "what its memory gave up.",
    "data_issuer": "Who asks you to wear it, as above.",
    "data_text": "Lines for the engineer, about the band's parts. They are free text: only a person can judge them.",
    "data_link": "What keeps the connection: its times, counts, requests and answers.",
    "never": "There is no message with a place in it, none with sound or a picture, and no name of yours. The list of all "
    "messages is docs/protocol.md; the build fails when a place is put into it.",
    # Where
    "where": "Where it goes, and who can read it",
    "where_display": "To the band's own display: whoever sees your wrist.",
    "where_host": "To one phone or computer at a time: the one at its cable, or one that connects by Bluetooth.",
    "where_sealed": "Messages are sealed: they are read only by a phone or computer that you paired with the code on the "
    "display and the button.",
    "where_can_seal": "Messages to a phone or computer that you paired, by the code on the display and the button, are sealed: "
    "nobody else can read them. Unless this firmware is set to demand that, it also talks to others unsealed: over the cable to "
    "whoever plugs in, over Bluetooth to whoever connects first.",
    "where_open": "Messages are not sealed by this firmware. Over the cable, whoever plugs in can read them; over Bluetooth, "
    "where the band cannot pair, so can anybody in range who connects while nobody else is connected.",
    "where_apps": "To other apps nearby, by the standard services of Bluetooth: only if you turn that on, on a page of its "
    "own. It is off at first.",
    "where_on": "From there on: what the program on that phone or computer does with it is not in the band's hands. The "
    "band has no other way out, neither to a network nor to its maker.",
    # How long
    "long": "How long it stays",
    "long_band": "On the band: at most as long as the table says, in hours that it has power, and less when its memory is "
    "full. Stopping deletes all readings that are kept there.",
    "long_host": "In a recording on a phone or computer: until whoever has it deletes it, or a limit that was set for it is over. "
    "You can ask for all of it, for the list of who read it, and for its erasure. The band cannot take it back.",
    # How right
    "right": "How right the numbers are",
    "right_note": "Measured on recordings that others published, left out of the fit, and on a model; never on a wearer of "
    "this band and never on a real sensor of it. A number that is not sure is shown as unknown, never as zero.",
    "head_measured": "as measured",
    "measured": "{value}{interval}{shown}",
    "interval": " (95 %: {low} to {high})",
    "shown": ", where {share} of the readings were sure enough to be shown",
    "study_treadmill": "mean error {measured}; {count} people on a treadmill",
    "study_phone": "mean error {measured}; {count} recordings at rest, a finger on a phone camera",
    "study_people": "mean error {measured}; {count} people at rest, a finger on a phone camera",
    "study_one_person": "root mean square error {measured}; {count} points of one person's finger: not calibrated for you",
    "study_one_wrist": "mean error {measured} a recording; {count} recordings of one wrist",
    "study_wake": "share of waking found, where 93 % of sleep is found, {measured}; {count} half minutes of 20 nights",
    "study_model": "largest error {measured}; {count} updates of a model: the chip's own error is not in it",
    "agreement": "95 % within ± {number} {unit} as its authors published; not measured here",
    "cuff": "as right as your own cuff, whose number you or the phone gave; never computed from light",
    "not_measured": "not measured",
    # Radio
    "radio": "What its radio tells those who pass by",
    "radio_service": "Anybody near can hear that a band of this kind is there, and when it is not connected. It tells no name of yours "
    "and no number of its own while it waits to be found.",
    "radio_changes": "Its address changes, so that one who hears it today cannot tell tomorrow that it is the same band. How "
    "often is up to the radio's maker; nobody has listened to a real one yet.",
    "radio_fixed": "Its address does not change: whoever hears it again knows that it is the same band, and could so follow "
    "whoever wears it. A band without a radio has no such address.",
    "radio_connect": "Whoever connects, and is talked to unsealed, is told the band's identity, a number that stays the same.",
    # Cost
    "battery": "What it costs of the battery",
    "battery_note": "Not measured: no real band's use of power has been measured, so no running time is promised.",
    "comfort": "What may be uncomfortable",
    "comfort_light": "Green, red and infrared light shine on the skin; the visible part can be seen in the dark.",
    "comfort_strap": "The strap has to sit snugly. Loosen it, or take the band off, when the skin is pressed, wet, itching or "
    "red. Nothing has been tried on people, so nothing is known of the skin.",
    "comfort_alerts": "It vibrates and lights its display at an alert, at night too.",
    "comfort_numbers": "Numbers can worry, and can be wrong. Ask a person who knows before you act on one.",
    # Stop
    "stop": "How to stop",
    "stop_press": "Hold the button for one and a half seconds: measuring, keeping and sending stop at once, and paired phones "
    "are forgotten. No phone can turn it on again: only your button can.",
    "stop_pause": "Or pause for an hour, on a page of the band: nothing is measured meanwhile, and it goes on by itself.",
    "stop_off": "Take it off: it then tells that it is off the wrist, and no reading is told as valid.",
    "stop_never": "Or never agree: the band then measures nothing.",
    # Is it true
    "true": "Is this sheet true?",
    "true_digest": "It speaks of one firmware and one list, whose digests stand here. They are what the band says of itself: "
    "a band that lies could say the same.",
    "true_check": "To see whether it still fits a band: vitalband disclose ADDRESS --check -o FOLDER. To see whether a "
    "recording holds anything else: vitalband audit FILE.",
}
