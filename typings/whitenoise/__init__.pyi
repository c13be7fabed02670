from whitenoise.base import WhiteNoise as WhiteNoise
