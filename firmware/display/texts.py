"""Every word of the display, Chinese and English side by side.

Tables by number follow the enumerations of the protocol; each entry is `(chinese, english)`.
"""

CAUSES = (
    ("", ""),
    ("正在启动", "Starting"),
    ("未佩戴", "Off wrist"),
    ("信号弱", "Weak signal"),
    ("动作干扰", "Moving"),
    ("不够可靠", "Not sure"),
    ("超范围", "Out of range"),
    ("故障", "Sensor fault"),
    ("未同意", "Not agreed"),
    ("未测血压", "No cuff"),
    ("读数过期", "Expired"),
    ("已过时", "Out of date"),
    ("超限", "Past limit"),
    ("评分高", "High score"),
    ("连接中断", "Link lost"),
    ("已暂停", "Paused"),
)

UNITS = (
    ("", ""),
    ("次/分", "/min"),
    ("", "%"),
    ("", "℃"),
    ("", "mmHg"),
    ("", "s"),
    ("步", ""),
    ("", "g"),
    ("", "nA"),
    ("", "mV"),
    ("", "B"),
    ("", "ms"),
    ("", "mHz"),
    ("", "mg"),
)

ACTIVITIES = (("静止", "Still"), ("轻微活动", "Light"), ("步行", "Walking"), ("跑步", "Running"))
ARM_POSTURES = (("下垂", "Hanging"), ("平放", "Level"), ("抬起", "Raised"))
SLEEP_STAGES = (("清醒", "Awake"), ("安静睡眠", "Non-REM"), ("快速眼动", "REM"), ("睡着", "Asleep"))

ALERT_LEVELS = (
    ("解除", "Clear"),
    ("注意", "Watch"),
    ("警告", "WARNING"),
    ("警报", "ALARM"),
    ("无法监测", "FAULT"),
)

PARTS = (
    ("", ""),
    ("光学", "Optical"),
    ("运动", "Motion"),
    ("温度", "Thermom."),
    ("显示", "Display"),
    ("电量计", "Gauge"),
    ("存储", "Storage"),
    ("连接", "Link"),
    ("程序", "Program"),
    ("按键", "Button"),
    ("马达", "Motor"),
)

UNKNOWN = ("未知", "Unknown")
BLOOD_PRESSURE = ("血压", "BP by cuff")
AGO = ("前", "ago")

STATUS = ("状态", "Status")
LINKED = ("已连接", "Linked")
NOT_LINKED = ("未连接", "No link")
LOST = ("丢失", "lost")
FAULT = ("故障", "Fault")
ALL_WELL = ("正常", "All parts well")
SCORE = "评分"
CHARGING = ("充电中", "Charging")
BATTERY_LOW = ("电量低", "Low")

PROFILES = (("", ""), ("开发版", "Development"), ("正式版", "Product"))
CERTIFICATION = ("认证", "Certification")
NOT_CERTIFIED = ("无", "none")
DIGEST_IS_ITS_WORD = ("摘要由手环自报", "Digest: its own word")

ISSUER = ("发放方", "Issuer")
CONTACT = ("联系方式", "Contact")
PURPOSE = ("目的", "Purpose")
NOTICE = ("说明", "Notice")
PERIOD = ("期限", "Period")
VOLUNTARY = ("自愿", "Voluntary")
REQUIRED = ("要求", "Required")
REFUSAL = ("拒绝后", "If refused")
NOT_ISSUED = ("无发放方", "No issuer")
NO_NOTICE = ("未给说明", "no notice given")
NOT_GIVEN = ("未给出", "Not given")

ASKS = ("请求同意采集", "May it collect?")
AGREED = ("已同意采集", "Agreed to")
ITEMS = ("项目", "items")
PRESS_TO_READ = ("按键阅读", "Press: read")
PRESS_TO_AGREE = ("按键选", "Press: yes")
HOLD_TO_LEAVE = ("长按不选", "Hold: no")
CHOSEN = ("已选", "Chosen")
PRESS_TO_START = ("按键开始", "Press: go")
PRESS_FOR_NONE = ("未选", "Press: end")
NOT_AGREED = ("未同意", "Not agreed")
HOLD_TO_STOP = ("长按停止", "Hold: end")
PRESS_TO_CONFIRM = ("按键确认", "Press: ok")

ANY_APP_READS = (
    ("附近任何应用", "都可读取", "读数和设备"),
    ("Any app nearby", "can then read", "your readings"),
)
NEEDS_PAIRING = ("先配对", "Once paired")
NOT_ENCRYPTED = ("不配对", "No pairing")
NO_RADIO = ("无蓝牙", "No radio")
AGREE_FIRST = ("请同意", "Agree first")
OPEN_TO_APPS = ("应用读取", "To apps")
SERVICES_ON = ("已开放", "On")
SERVICES_OFF = ("未开放", "Off")
ASKS_TO_OPEN = ("对应用开放吗", "Open to apps?")
ASKS_TO_CLOSE = ("停止开放吗", "Close to apps?")
PRESS_FOR_NEXT = ("下一页", "Press: next")
PRESS_TO_OPEN = ("按键开", "Press: on")
PRESS_TO_CLOSE = ("按键关", "Press: off")
PASSKEY = ("配对码", "Passkey")
PRESS_TO_REFUSE = ("按键拒绝", "Press: no")

PAUSE_1_HOUR = ("暂停1小时", "Pause for 1 hour")
NOTHING_MEASURED = ("不采集", "No samples")
PAUSED = ("已暂停", "Paused")
PRESS_TO_PAUSE = ("按键暂停", "Press: yes")
PRESS_TO_GO_ON = ("按键继续", "Press: go")

RAW_SIGNAL_IS_SENT = ("正在发送", "原始信号", "Raw signal is", "being sent")

HOSTS = ("已配主机", "Hosts")
NO_HOST = ("无主机", "None paired")
OWNER = ("所有者", "Owner")
READER = ("只读", "Reads only")
MAY_PAIR = ("可配对一台主机", "One may pair")
FORGETTING_ERASES = ("全忘将删读数", "Forget all erases")
ASKS_TO_PAIR = ("开放配对吗", "Let a host in?")
PRESS_TO_PAIR = ("按键开放", "Press: ok")
ASKS_TO_FORGET = ("忘记全部主机吗", "Forget all hosts?")
ASKS_TO_FORGET_FOR_GOOD = ("并删除读数吗", "Erase readings?")
PRESS_TO_FORGET = ("按键忘记", "Press: ok")
PAIRING_OPEN = ("配对开放", "Pairing")
IF_IT_SHOWS_A_TICK = ("主机打勾就按键", "A tick there?")
PRESS_TO_LET_IN = ("按键配对", "Press: ok")

HANDOVER = ("转交", "Hand over")
WIPE_ERASES = (
    ("转交前清除", "同意 读数", "配对 名称"),
    ("Before another", "wears it: erase", "all of yours"),
)
WIPED = "已清除"
WIPED_UNDATED = ("日期未知", "wiped: ?")
NEW = ("全新", "As delivered")
NOT_WIPED = ("未清除", "Not wiped")
NOT_WORN = ("未佩戴", "not worn")
WORN = ("已佩戴", "worn")
NOT_WORN_SINCE = ("未再佩戴", "not worn")
WORN_SINCE = ("已佩戴", "worn since")
HANDED_OVER = ("转交", "Handovers ")
ASKS_TO_WIPE = ("清除一切吗", "Erase all?")
HOST_ASKS_TO_WIPE = ("应用要求清除", "App: erase all?")
ASKS_AGAIN_TO_WIPE = ("真的清除吗", "Really erase?")
NO_WAY_BACK = ("不可恢复", "For good")
HOLD_TO_WIPE = ("长按清除", "Hold: yes")
PRESS_TO_WIPE = ("按键清除", "Press: ok")
HOLD_TO_KEEP = ("长按取消", "Hold: no")
ERASING = ("清除中", "Erasing")
NOT_ERASED = ("未清除", "Not erased")
TRYING_AGAIN = ("正在重试", "Trying")
KEEP_POWERED = ("勿断电", "Keep on")

SELF_TEST = ("自检", "Self-test")
RESULTS_ONLY = ("仅结果", "Results only")
LAY_AND_COVER = ("平放遮光", "Lay, cover")
PRESS_TO_BEGIN = ("按键开始", "Press: go")
TESTING = ("检测中", "Testing")


def entry(table, number):
    """Texts of a number; a number that is not in the table is `UNKNOWN`."""
    return table[number] if 0 <= number < len(table) else UNKNOWN
