"""GENERATED from protocol/bandschema by `make gen`: do not edit.

The readings that the band measures, shows and sends, in the order of its tables. A row holds
`(reading_id, unit, scale_numerator, scale_denominator, minimum, maximum, group, page,
interval_ms, retention_h, recipients, name_en, name_zh, agreement_milli)`: value = raw * numerator /
denominator in `unit`, raw values of valid readings within `minimum..maximum`, names as UTF-8 bytes,
published limits of agreement in thousandths of `unit`, 0 for none. The journal
keeps what it is given for `JOURNAL_RETENTION_H` hours at most; a cuff reading is shown for
`CUFF_RETENTION_H`. `INDEX_OF_ID` gives the index of the
reading with id 1 and of those that follow, `BITS_OF_ID` how many bits a value of it takes in a run.
"""

try:
    from micropython import const
except ImportError:

    def const(value: int) -> int:
        return value


READING_COUNT = const(17)
JOURNAL_RETENTION_H = const(72)
CUFF_RETENTION_H = const(24)

INDEX_HEART_RATE_BPM = const(0)
INDEX_PULSE_INTERVAL_MS = const(1)
INDEX_RMSSD_MS = const(2)
INDEX_PULSE_SHAPE_INDEX = const(3)
INDEX_RESPIRATORY_RATE_BPM = const(4)
INDEX_SPO2_PERCENT = const(5)
INDEX_SKIN_TEMPERATURE_C = const(6)
INDEX_CORE_TEMPERATURE_ESTIMATE_C = const(7)
INDEX_SYSTOLIC_MMHG = const(8)
INDEX_DIASTOLIC_MMHG = const(9)
INDEX_CUFF_AGE_S = const(10)
INDEX_STEPS = const(11)
INDEX_ACTIVITY = const(12)
INDEX_ENMO_MG = const(13)
INDEX_ARM_POSTURE = const(14)
INDEX_SLEEP_STAGE = const(15)
INDEX_BATTERY_PERCENT = const(16)

READINGS = (
    # heart_rate_bpm: 心率
    (1, 1, 1, 10, 250, 2400, 1, 1, 2000, 72, 3, b'Heart rate',
     b'\xe5\xbf\x83\xe7\x8e\x87', 0),
    # pulse_interval_ms: 心跳间隔
    (15, 11, 1, 1, 300, 2000, 1, 1, 2000, 72, 3, b'Interval',
     b'\xe5\xbf\x83\xe8\xb7\xb3\xe9\x97\xb4\xe9\x9a\x94', 0),
    # rmssd_ms: 心率变异
    (16, 11, 1, 10, 0, 8000, 1, 1, 2000, 72, 3, b'RMSSD',
     b'\xe5\xbf\x83\xe7\x8e\x87\xe5\x8f\x98\xe5\xbc\x82', 0),
    # pulse_shape_index: 脉形
    (17, 0, 1, 10, 0, 1000, 1, 1, 2000, 72, 3, b'Pulse form',
     b'\xe8\x84\x89\xe5\xbd\xa2', 0),
    # respiratory_rate_bpm: 呼吸
    (2, 1, 1, 10, 40, 600, 2, 2, 2000, 72, 3, b'Breathing',
     b'\xe5\x91\xbc\xe5\x90\xb8', 0),
    # spo2_percent: 血氧
    (3, 2, 1, 10, 500, 1000, 4, 3, 2000, 72, 3, b'Oxygen',
     b'\xe8\xa1\x80\xe6\xb0\xa7', 0),
    # skin_temperature_c: 皮肤温度
    (4, 3, 1, 100, 0, 5000, 16, 4, 2000, 72, 3, b'Skin temp',
     b'\xe7\x9a\xae\xe8\x82\xa4\xe6\xb8\xa9\xe5\xba\xa6', 0),
    # core_temperature_estimate_c: 体温估计
    (5, 3, 1, 100, 3000, 4500, 16, 4, 2000, 72, 3, b'Core est.',
     b'\xe4\xbd\x93\xe6\xb8\xa9\xe4\xbc\xb0\xe8\xae\xa1', 630),
    # systolic_mmhg: 收缩压
    (6, 4, 1, 1, 50, 280, 32, 6, 2000, 96, 3, b'Systolic',
     b'\xe6\x94\xb6\xe7\xbc\xa9\xe5\x8e\x8b', 0),
    # diastolic_mmhg: 舒张压
    (7, 4, 1, 1, 30, 200, 32, 6, 2000, 96, 3, b'Diastolic',
     b'\xe8\x88\x92\xe5\xbc\xa0\xe5\x8e\x8b', 0),
    # cuff_age_s: 测量时间
    (8, 5, 1, 1, 0, 31536000, 32, 6, 2000, 96, 3, b'Cuff age',
     b'\xe6\xb5\x8b\xe9\x87\x8f\xe6\x97\xb6\xe9\x97\xb4', 0),
    # steps: 步数
    (9, 6, 1, 1, 0, 1000000, 8, 5, 2000, 72, 3, b'Steps',
     b'\xe6\xad\xa5\xe6\x95\xb0', 0),
    # activity: 活动
    (10, 0, 1, 1, 0, 3, 8, 5, 2000, 72, 3, b'Activity',
     b'\xe6\xb4\xbb\xe5\x8a\xa8', 0),
    # enmo_mg: 活动量
    (13, 13, 1, 1, 0, 6000, 8, 5, 2000, 72, 3, b'Movement',
     b'\xe6\xb4\xbb\xe5\x8a\xa8\xe9\x87\x8f', 0),
    # arm_posture: 手臂
    (14, 0, 1, 1, 0, 2, 8, 5, 2000, 72, 3, b'Arm',
     b'\xe6\x89\x8b\xe8\x87\x82', 0),
    # sleep_stage: 睡眠
    (11, 0, 1, 1, 0, 3, 64, 7, 30000, 72, 3, b'Sleep',
     b'\xe7\x9d\xa1\xe7\x9c\xa0', 0),
    # battery_percent: 电量
    (12, 2, 1, 1, 0, 100, 512, 8, 10000, 72, 3, b'Battery',
     b'\xe7\x94\xb5\xe9\x87\x8f', 0),
)

INDEX_OF_ID = b"\x00\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0f\x10\x0d\x0e\x01\x02\x03"
BITS_OF_ID = b"\x0c\x0a\x09\x0d\x0b\x08\x08\x19\x14\x02\x02\x07\x0d\x02\x0b\x0d\x0a"
