# The few parts of sippy 2.5.0 that careline/telephony/sip/stack.py uses, as it uses them.
