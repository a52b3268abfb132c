@rem Scripts in package.json say `exec`, so that signals reach Moru and not a shell; Windows has no such word.
@%*
