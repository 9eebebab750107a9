; Ends what runs of an installed app: first the window, which is asked and then ends all services in
; their order, then whatever else is left whose program lies in the app's folder.
;
; Processes are told by the whole path of their program, for other apps may have one of that name.

!define SNAPSHOT_OF_PROCESSES 2
; The size of a PROCESSENTRY32W, by that of pointers.
!if ${NSIS_PTR_SIZE} > 4
    !define SIZE_OF_ENTRY 568
!else
    !define SIZE_OF_ENTRY 556
!endif
; PROCESS_TERMINATE, PROCESS_QUERY_LIMITED_INFORMATION and SYNCHRONIZE.
!define END_AND_WAIT 0x101001
!define CLOSE_WINDOW 0x10

; How long a window may take to close, and its services with it, in milliseconds.
!define GRACE 15000
!define AFTER_KILL 5000

!macro END_COPIES UN
    ; Asks all windows of process $3 to close.
    Function ${UN}CloseWindows
        StrCpy $R2 0
        ${Do}
            System::Call 'user32::FindWindowExW(p 0, p R2, p 0, p 0) p .R2'
            ${If} $R2 P= 0
                ${ExitDo}
            ${EndIf}
            System::Call 'user32::GetWindowThreadProcessId(p R2, *i .R3)'
            System::Call 'user32::IsWindowVisible(p R2) i .R4'
            ${If} $R3 = $3
            ${AndIf} $R4 <> 0
                System::Call 'user32::PostMessageW(p R2, i ${CLOSE_WINDOW}, p 0, p 0)'
            ${EndIf}
        ${Loop}
    FunctionEnd

    ; Ends process $3, open as $4: waits $R1 milliseconds, and kills it then.
    Function ${UN}EndProcess
        System::Call 'kernel32::WaitForSingleObject(p r4, i R1) i .R5'
        ${If} $R5 <> 0
            System::Call 'kernel32::TerminateProcess(p r4, i 1)'
            System::Call 'kernel32::WaitForSingleObject(p r4, i ${AFTER_KILL})'
        ${EndIf}
    FunctionEnd

    ; Looks through all processes; $R0 is `window` to end the windows, and `rest` for the rest.
    Function ${UN}EndSome
        System::Call 'kernel32::GetCurrentProcessId() i .r9'
        System::Call 'kernel32::CreateToolhelp32Snapshot(i ${SNAPSHOT_OF_PROCESSES}, i 0) p .r0'
        System::Alloc ${SIZE_OF_ENTRY}
        Pop $1
        System::Call '*$1(i ${SIZE_OF_ENTRY})'
        System::Call 'kernel32::Process32FirstW(p r0, p r1) i .r2'
        ${While} $2 <> 0
            System::Call '*$1(i, i, i .r3)'
            System::Call 'kernel32::OpenProcess(i ${END_AND_WAIT}, i 0, i r3) p .r4'
            ${If} $4 P<> 0
                StrCpy $5 ""
                System::Call 'kernel32::QueryFullProcessImageNameW(p r4, i 0, w .r5, *i ${NSIS_MAX_STRLEN})'
                StrLen $6 "$INSTDIR\"
                StrCpy $7 $5 $6
                ${If} $3 <> $9
                    ${If} $R0 == "window"
                    ${AndIf} $5 == "$INSTDIR\${PROGRAM}"
                        Call ${UN}CloseWindows
                        StrCpy $R1 ${GRACE}
                        Call ${UN}EndProcess
                    ${ElseIf} $R0 == "rest"
                    ${AndIf} $7 == "$INSTDIR\"
                        StrCpy $R1 ${AFTER_KILL}
                        Call ${UN}EndProcess
                    ${EndIf}
                ${EndIf}
                System::Call 'kernel32::CloseHandle(p r4)'
            ${EndIf}
            System::Call 'kernel32::Process32NextW(p r0, p r1) i .r2'
        ${EndWhile}
        System::Free $1
        System::Call 'kernel32::CloseHandle(p r0)'
    FunctionEnd

    Function ${UN}EndCopies
        StrCpy $R0 "window"
        Call ${UN}EndSome
        StrCpy $R0 "rest"
        Call ${UN}EndSome
    FunctionEnd
!macroend
