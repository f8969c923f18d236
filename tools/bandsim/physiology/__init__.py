"""A wearer as a model: pulse, breathing, oxygen, temperature, motion, sleep and battery over time.

The model makes what the chips would sense and knows the truth behind it. It is built to exercise
the band, not to stand for people: where no source is named, a number is this model's own choice.
"""

from bandsim.physiology.course import Course
from bandsim.physiology.model import PhysiologyStimulus

__all__ = ["Course", "PhysiologyStimulus"]
