"""What can be asked of rules and a catalogue as they stand in files, without any data of how they did.

That a rule looks bad foretells little of how it does, so these are questions, and not errors.
"""
